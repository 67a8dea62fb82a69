resource "google_compute_project_metadata" "main" {
  metadata = {
    serial-port-enable = var.serial_port_enable
  }
}

variable "serial_port_enable" {
  type = string
}
