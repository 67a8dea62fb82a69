locals {
  description = "Public web servers behind the load balancer"
}

resource "aws_security_group" "web" {
  name        = "web"
  description = local.description
  vpc_id      = "vpc-0a1b2c3d4e5f60718"
}
