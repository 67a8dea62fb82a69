resource "aws_security_group" "app" {
  name        = "app"
  description = "Application"
  vpc_id      = "vpc-0a1b2c3d4e5f60718"

  ingress {
    description = "Application port"
    from_port   = 8080
    to_port     = 8080
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
