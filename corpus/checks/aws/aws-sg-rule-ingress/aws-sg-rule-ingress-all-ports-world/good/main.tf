resource "aws_vpc_security_group_ingress_rule" "all" {
  security_group_id = "sg-0a1b2c3d4e5f60718"
  ip_protocol       = "-1"
  cidr_ipv4         = var.cidr_ipv4
}

variable "cidr_ipv4" {
  type    = string
  default = "10.0.0.0/8"
}
