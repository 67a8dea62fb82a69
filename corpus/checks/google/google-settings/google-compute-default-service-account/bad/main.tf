resource "google_compute_instance" "main" {
  name         = "main"
  machine_type = "e2-medium"

  boot_disk {
    initialize_params {
      image = "debian-cloud/debian-12"
    }
  }

  network_interface {
    subnetwork = "main"
  }

  service_account {
    scopes = ["cloud-platform"]
    email  = "123456789012-compute@developer.gserviceaccount.com"
  }
}
