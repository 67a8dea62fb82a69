resource "nifcloud_security_group_rule" "ssh" {
  security_group_names = ["web"]
  type                 = "IN"
  from_port            = 22
  to_port              = 22
  protocol             = "TCP"
  cidr_ip              = "0.0.0.0/0"
}
