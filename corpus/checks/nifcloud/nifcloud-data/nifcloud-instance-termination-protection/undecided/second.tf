resource "nifcloud_instance" "web" {
  instance_id             = "web001"
  image_id                = "221"
  disable_api_termination = var.flag

  network_interface {
    network_id = "net-COMMON_GLOBAL"
  }
}

variable "flag" {
  type = bool
}
