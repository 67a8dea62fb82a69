resource "aws_route" "shared" {
  route_table_id            = "rtb-0a1b2c3d4e5f60718"
  vpc_peering_connection_id = "pcx-0a1b2c3d4e5f60718"
  destination_cidr_block    = var.destination_cidr_block
}

variable "destination_cidr_block" {
  type = string
}
