resource "aws_lb" "reports" {
  name     = "reports"
  subnets  = ["subnet-0a1b2c3d4e5f60718", "subnet-0a1b2c3d4e5f69d8c"]
  internal = true
}
