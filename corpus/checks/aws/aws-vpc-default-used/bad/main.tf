resource "aws_default_vpc" "this" {
  tags = {
    Name = "Default VPC"
  }
}
