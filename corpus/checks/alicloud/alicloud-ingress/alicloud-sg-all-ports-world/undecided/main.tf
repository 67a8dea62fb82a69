resource "alicloud_security_group_rule" "in" {
  type              = "ingress"
  ip_protocol       = "all"
  port_range        = "-1/-1"
  security_group_id = "sg-bp1a2b3c"
  cidr_ip           = var.text
}

variable "text" {
  type = string
}
