resource "aws_vpc_security_group_ingress_rule" "rdp" {
  security_group_id = "sg-0a1b2c3d4e5f60718"
  from_port         = 3389
  to_port           = 3389
  ip_protocol       = "tcp"
  cidr_ipv6         = var.cidr_ipv6
}

variable "cidr_ipv6" {
  type = string
}
