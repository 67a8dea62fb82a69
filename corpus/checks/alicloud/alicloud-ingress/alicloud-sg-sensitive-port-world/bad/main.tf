resource "alicloud_security_group_rule" "in" {
  type              = "ingress"
  ip_protocol       = "tcp"
  port_range        = "3306/3306"
  security_group_id = "sg-bp1a2b3c"
  cidr_ip           = "0.0.0.0/0"
}
