resource "aws_security_group" "lab" {
  name        = "lab"
  description = "Lab machines"
  vpc_id      = "vpc-0a1b2c3d4e5f60718"

  ingress {
    description = "Everything"
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["10.0.0.0/8"]
  }
}
