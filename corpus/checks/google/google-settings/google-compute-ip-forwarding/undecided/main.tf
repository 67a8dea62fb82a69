resource "google_compute_instance" "main" {
  name           = "main"
  machine_type   = "e2-medium"
  can_ip_forward = var.can_ip_forward

  boot_disk {
    initialize_params {
      image = "debian-cloud/debian-12"
    }
  }

  network_interface {
    subnetwork = "main"
  }
}

variable "can_ip_forward" {
  type = bool
}
