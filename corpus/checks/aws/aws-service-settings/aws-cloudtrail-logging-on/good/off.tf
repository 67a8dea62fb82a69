resource "aws_cloudtrail" "org" {
  name           = "org"
  s3_bucket_name = "acme-trail"
  enable_logging = true
}
