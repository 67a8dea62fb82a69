locals {
  cidr_blocks = ["10.20.0.0/16"]
}

resource "aws_security_group" "desktops" {
  name        = "desktops"
  description = "Windows servers"
  vpc_id      = "vpc-0a1b2c3d4e5f60718"

  ingress {
    description = "Remote Desktop"
    from_port   = 3389
    to_port     = 3389
    protocol    = "tcp"
    cidr_blocks = local.cidr_blocks
  }
}
