resource "alicloud_security_group_rule" "in" {
  type              = "ingress"
  ip_protocol       = "tcp"
  port_range        = "54/60"
  security_group_id = "sg-bp1a2b3c"
  cidr_ip           = "10.0.0.0/16"
}
