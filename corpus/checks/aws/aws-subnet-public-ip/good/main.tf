resource "aws_subnet" "app" {
  vpc_id                  = "vpc-0a1b2c3d4e5f60718"
  cidr_block              = "10.0.1.0/24"
  availability_zone       = "eu-west-1a"
  map_public_ip_on_launch = var.map_public_ip_on_launch
}

variable "map_public_ip_on_launch" {
  type    = bool
  default = false
}
