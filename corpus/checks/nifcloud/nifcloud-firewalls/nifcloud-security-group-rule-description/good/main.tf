resource "nifcloud_security_group_rule" "https" {
  security_group_names = [nifcloud_security_group.web.group_name]
  type                 = "IN"
  from_port            = 443
  to_port              = 443
  protocol             = "TCP"
  cidr_ip              = "198.51.100.0/24"
  description          = "HTTPS from the office"
}

resource "nifcloud_security_group" "web" {
  group_name        = "web"
  availability_zone = "east-11"
}
