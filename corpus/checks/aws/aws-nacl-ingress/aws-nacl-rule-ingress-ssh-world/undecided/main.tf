resource "aws_network_acl_rule" "ssh" {
  network_acl_id = "acl-0a1b2c3d4e5f60718"
  rule_number    = 100
  egress         = false
  protocol       = "tcp"
  rule_action    = "allow"
  from_port      = 22
  to_port        = 22
  cidr_block     = var.cidr_block
}

variable "cidr_block" {
  type = string
}
