resource "nifcloud_router" "edge" {
  name           = "edge"
  security_group = "edge"

  network_interface {
    network_id = var.text
  }
}

variable "text" {
  type = string
}
