resource "aws_route_table" "private" {
  vpc_id = "vpc-0a1b2c3d4e5f60718"

  route {
    cidr_block                = var.cidr_block
    vpc_peering_connection_id = "pcx-0a1b2c3d4e5f60718"
  }
}

variable "cidr_block" {
  type = string
}
