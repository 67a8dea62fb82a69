resource "google_compute_instance" "app" {
  name         = "app"
  machine_type = "e2-medium"
  zone         = "europe-west1-b"

  metadata = {
    enable-oslogin = var.enable_oslogin
  }
}

variable "enable_oslogin" {
  type = string
}
