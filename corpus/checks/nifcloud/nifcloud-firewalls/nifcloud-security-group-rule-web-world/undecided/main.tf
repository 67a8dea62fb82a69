resource "nifcloud_security_group_rule" "app" {
  security_group_names = ["web"]
  type                 = "IN"
  from_port            = 443
  to_port              = 443
  protocol             = "TCP"
  cidr_ip              = var.text
}

variable "text" {
  type = string
}
