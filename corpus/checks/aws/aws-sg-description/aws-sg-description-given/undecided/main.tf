variable "description" {
  type = string
}

resource "aws_security_group" "web" {
  name        = "web"
  description = var.description
  vpc_id      = "vpc-0a1b2c3d4e5f60718"
}
