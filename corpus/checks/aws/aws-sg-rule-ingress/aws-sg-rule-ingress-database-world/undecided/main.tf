resource "aws_security_group_rule" "mysql" {
  type              = "ingress"
  security_group_id = "sg-0a1b2c3d4e5f60718"
  from_port         = 3306
  to_port           = 3306
  protocol          = "tcp"
  cidr_blocks       = var.cidr_blocks
}

variable "cidr_blocks" {
  type = list(string)
}
