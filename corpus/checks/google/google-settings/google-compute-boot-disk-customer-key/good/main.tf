resource "google_compute_instance" "main" {
  name         = "main"
  machine_type = "e2-medium"

  boot_disk {
    kms_key_self_link = "projects/orders-prod/locations/europe-west1/keyRings/main/cryptoKeys/main"

    initialize_params {
      image = "debian-cloud/debian-12"
    }
  }

  network_interface {
    subnetwork = "main"
  }
}
