resource "google_compute_instance" "main" {
  name         = "main"
  machine_type = "e2-medium"

  boot_disk {
    initialize_params {
      image = "debian-cloud/debian-12"
    }
  }

  network_interface {
    network = var.network
  }
}

variable "network" {
  type = string
}
