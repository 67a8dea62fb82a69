variable "keep_versions" {
  type = bool
}

resource "aws_s3_bucket" "docs" {
  bucket = "acme-docs"
  acl    = "private"

  versioning {
    enabled = var.keep_versions
  }
}
