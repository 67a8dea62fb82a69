resource "aws_lb" "web" {
  name    = "web"
  subnets = ["subnet-0a1b2c3d4e5f60718", "subnet-0a1b2c3d4e5f69d8c"]

  access_logs {
    bucket  = "example-logs"
    enabled = var.enabled
  }
}

variable "enabled" {
  type = bool
}
