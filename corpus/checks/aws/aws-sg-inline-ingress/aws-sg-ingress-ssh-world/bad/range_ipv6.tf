resource "aws_security_group" "legacy" {
  name        = "legacy"
  description = "Legacy servers"
  vpc_id      = "vpc-0a1b2c3d4e5f60718"

  ingress {
    description      = "Low ports"
    from_port        = 20
    to_port          = 25
    protocol         = "tcp"
    ipv6_cidr_blocks = ["::/0"]
  }
}
