resource "aws_lb_target_group" "app" {
  name     = "app"
  port     = 8443
  protocol = var.protocol
  vpc_id   = "vpc-0a1b2c3d4e5f60718"
}

variable "protocol" {
  type    = string
  default = "HTTP"
}
