resource "aws_vpc_security_group_ingress_rule" "ssh" {
  security_group_id = "sg-0a1b2c3d4e5f60718"
  description       = "SSH"
  from_port         = 22
  to_port           = 22
  ip_protocol       = "tcp"
  cidr_ipv4         = var.cidr_ipv4
}

variable "cidr_ipv4" {
  type    = string
  default = "0.0.0.0/0"
}
