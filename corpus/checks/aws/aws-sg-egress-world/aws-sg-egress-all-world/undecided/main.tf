resource "aws_security_group" "app" {
  name        = "app"
  description = "Application"
  vpc_id      = "vpc-0a1b2c3d4e5f60718"

  egress {
    description = "Out"
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = var.cidr_blocks
  }
}

variable "cidr_blocks" {
  type = list(string)
}
