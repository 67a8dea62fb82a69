resource "alicloud_security_group_rule" "in" {
  type              = "ingress"
  ip_protocol       = "tcp"
  port_range        = "3389/3389"
  security_group_id = "sg-bp1a2b3c"
  cidr_ip           = var.text
}

variable "text" {
  type = string
}
