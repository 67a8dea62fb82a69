resource "nifcloud_vpn_gateway" "office" {
  name              = "office"
  availability_zone = "east-11"
  network_id        = "net-abcd1234"
  security_group    = var.security_group
}

variable "security_group" {
  type = string
}
