resource "nifcloud_security_group_rule" "app" {
  security_group_names = ["web"]
  type                 = "IN"
  from_port            = 8000
  to_port              = 8080
  protocol             = "TCP"
  cidr_ip              = "0.0.0.0/0"
}
