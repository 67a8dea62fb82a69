locals {
  cidr_ipv4 = "0.0.0.0/0"
}

resource "aws_vpc_security_group_egress_rule" "all" {
  security_group_id = "sg-0a1b2c3d4e5f60718"
  ip_protocol       = "-1"
  cidr_ipv4         = local.cidr_ipv4
}
