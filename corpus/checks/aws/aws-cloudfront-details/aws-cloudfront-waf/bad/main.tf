resource "aws_cloudfront_distribution" "site" {
  enabled    = true
  web_acl_id = ""
}
