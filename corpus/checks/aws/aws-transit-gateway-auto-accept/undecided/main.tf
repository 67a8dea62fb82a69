resource "aws_ec2_transit_gateway" "core" {
  description                    = "Core network"
  auto_accept_shared_attachments = var.auto_accept_shared_attachments
}

variable "auto_accept_shared_attachments" {
  type = string
}
