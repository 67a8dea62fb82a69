resource "aws_cloudfront_distribution" "site" {
  enabled = true

  logging_config {
    bucket = "example-logs.s3.amazonaws.com"
    prefix = "site/"
  }
}
