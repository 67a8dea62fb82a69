resource "aws_network_acl_rule" "all" {
  network_acl_id = "acl-0a1b2c3d4e5f60718"
  rule_number    = 100
  protocol       = "-1"
  rule_action    = "allow"
  cidr_block     = var.cidr_block
}

variable "cidr_block" {
  type    = string
  default = "0.0.0.0/0"
}
