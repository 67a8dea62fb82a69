resource "aws_cloudfront_distribution" "site" {
  enabled    = true
  web_acl_id = "arn:aws:wafv2:us-east-1:111122223333:global/webacl/site/473e64fd-f30b-4765-81a0-62ad96dd167a"
}
