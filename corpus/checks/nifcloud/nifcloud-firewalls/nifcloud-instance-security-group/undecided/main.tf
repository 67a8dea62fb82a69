resource "nifcloud_instance" "web" {
  instance_id       = "web001"
  availability_zone = "east-11"
  image_id          = "221"
  security_group    = var.security_group

  network_interface {
    network_id = "net-COMMON_GLOBAL"
  }
}

variable "security_group" {
  type = string
}
