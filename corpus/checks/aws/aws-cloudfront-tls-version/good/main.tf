resource "aws_cloudfront_distribution" "site" {
  enabled = true

  viewer_certificate {
    acm_certificate_arn      = "arn:aws:acm:eu-west-1:111122223333:certificate/site"
    ssl_support_method       = "sni-only"
    minimum_protocol_version = var.minimum_protocol_version
  }
}

variable "minimum_protocol_version" {
  type    = string
  default = "TLSv1.2_2021"
}
