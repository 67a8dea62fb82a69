locals {
  cidr_block = "10.20.0.0/16"
}

resource "aws_network_acl_rule" "rdp" {
  network_acl_id = "acl-0a1b2c3d4e5f60718"
  rule_number    = 110
  protocol       = "tcp"
  rule_action    = "allow"
  from_port      = 3389
  to_port        = 3389
  cidr_block     = local.cidr_block
}
