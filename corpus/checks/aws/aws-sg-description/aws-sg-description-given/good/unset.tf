resource "aws_security_group" "web" {
  name        = "web"
  description = "Public web servers behind the load balancer"
  vpc_id      = "vpc-0a1b2c3d4e5f60718"
}
