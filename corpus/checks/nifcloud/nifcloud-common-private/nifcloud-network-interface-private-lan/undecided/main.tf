resource "nifcloud_network_interface" "web" {
  availability_zone = "east-11"
  network_id        = var.text
}

variable "text" {
  type = string
}
