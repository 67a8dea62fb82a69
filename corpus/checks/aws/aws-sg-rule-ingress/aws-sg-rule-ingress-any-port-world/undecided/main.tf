resource "aws_vpc_security_group_ingress_rule" "app" {
  security_group_id = "sg-0a1b2c3d4e5f60718"
  from_port         = 9000
  to_port           = 9000
  ip_protocol       = "tcp"
  cidr_ipv4         = var.cidr_ipv4
}

variable "cidr_ipv4" {
  type = string
}
