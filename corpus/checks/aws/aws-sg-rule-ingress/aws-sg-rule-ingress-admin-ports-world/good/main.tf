locals {
  cidr_ipv4 = "10.20.0.0/16"
}

resource "aws_vpc_security_group_ingress_rule" "winrm" {
  security_group_id = "sg-0a1b2c3d4e5f60718"
  from_port         = 5985
  to_port           = 5986
  ip_protocol       = "tcp"
  cidr_ipv4         = local.cidr_ipv4
}
