variable "description" {
  type = string
}

resource "aws_vpc_security_group_ingress_rule" "https" {
  security_group_id            = "sg-0a1b2c3d4e5f60718"
  description                  = var.description
  from_port                    = 443
  to_port                      = 443
  ip_protocol                  = "tcp"
  referenced_security_group_id = "sg-0a1b2c3d4e5f60718"
}
