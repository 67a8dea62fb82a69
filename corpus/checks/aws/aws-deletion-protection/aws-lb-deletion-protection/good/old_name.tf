resource "aws_alb" "api" {
  name                       = "api"
  internal                   = true
  subnets                    = ["subnet-0a1b2c3d4e5f60718", "subnet-0a1b2c3d4e5f69d8c"]
  enable_deletion_protection = true
}
