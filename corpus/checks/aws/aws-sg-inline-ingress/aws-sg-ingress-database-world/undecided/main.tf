resource "aws_security_group" "postgres" {
  name        = "postgres"
  description = "PostgreSQL"
  vpc_id      = "vpc-0a1b2c3d4e5f60718"

  ingress {
    description = "PostgreSQL"
    from_port   = 5432
    to_port     = 5432
    protocol    = "tcp"
    cidr_blocks = var.cidr_blocks
  }
}

variable "cidr_blocks" {
  type = list(string)
}
