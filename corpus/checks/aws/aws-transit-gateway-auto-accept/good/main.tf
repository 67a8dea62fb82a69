locals {
  auto_accept_shared_attachments = "disable"
}

resource "aws_ec2_transit_gateway" "core" {
  description                    = "Core network"
  auto_accept_shared_attachments = local.auto_accept_shared_attachments
}
