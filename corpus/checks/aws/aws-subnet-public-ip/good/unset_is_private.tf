resource "aws_subnet" "app" {
  vpc_id            = "vpc-0a1b2c3d4e5f60718"
  cidr_block        = "10.0.2.0/24"
  availability_zone = "eu-west-1b"
}
