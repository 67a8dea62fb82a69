resource "aws_cloudfront_distribution" "site" {
  enabled = true

  origin {
    domain_name = "example-site.s3.eu-west-1.amazonaws.com"
    origin_id   = "site"

    s3_origin_config {
      origin_access_identity = var.identity
    }
  }
}

variable "identity" {
  type = string
}
