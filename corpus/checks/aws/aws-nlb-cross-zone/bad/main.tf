locals {
  enable_cross_zone_load_balancing = false
}

resource "aws_lb" "tcp" {
  name                             = "tcp"
  load_balancer_type               = "network"
  internal                         = true
  subnets                          = ["subnet-0a1b2c3d4e5f60718", "subnet-0a1b2c3d4e5f69d8c"]
  enable_cross_zone_load_balancing = local.enable_cross_zone_load_balancing
}
