resource "google_compute_instance" "app" {
  name         = "app"
  machine_type = "e2-medium"
  zone         = "europe-west1-b"

  metadata = {
    serial-port-enable = var.serial_port_enable
  }
}

variable "serial_port_enable" {
  type    = string
  default = "FALSE"
}
