resource "aws_s3_bucket" "claims" {
  bucket = "acme-claims"
  acl    = "private"

  logging {
    target_bucket = "acme-central-logs"
    target_prefix = "claims/"
  }
}
