resource "aws_s3_bucket" "docs" {
  bucket = "acme-docs"
  acl    = "private"

  versioning {
    enabled = false
  }
}
