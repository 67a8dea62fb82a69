resource "nifcloud_router" "edge" {
  name              = "edge"
  availability_zone = "east-11"
  security_group    = var.security_group

  network_interface {
    network_id = "net-COMMON_GLOBAL"
  }
}

variable "security_group" {
  type = string
}
