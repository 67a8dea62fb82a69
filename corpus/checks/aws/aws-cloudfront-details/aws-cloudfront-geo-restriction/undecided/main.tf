resource "aws_cloudfront_distribution" "site" {
  enabled = true

  restrictions {
    geo_restriction {
      restriction_type = var.restriction_type
    }
  }
}

variable "restriction_type" {
  type = string
}
