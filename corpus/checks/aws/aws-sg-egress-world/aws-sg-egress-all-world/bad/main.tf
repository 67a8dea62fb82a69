locals {
  cidr_blocks = ["0.0.0.0/0"]
}

resource "aws_security_group" "app" {
  name        = "app"
  description = "Application"
  vpc_id      = "vpc-0a1b2c3d4e5f60718"

  egress {
    description = "Out"
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = local.cidr_blocks
  }
}
