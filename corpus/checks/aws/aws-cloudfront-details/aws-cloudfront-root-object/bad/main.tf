resource "aws_cloudfront_distribution" "site" {
  enabled             = true
  default_root_object = var.default_root_object
}

variable "default_root_object" {
  type    = string
  default = ""
}
