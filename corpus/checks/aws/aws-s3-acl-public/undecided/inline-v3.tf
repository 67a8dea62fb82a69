variable "bucket_acl" {
  type = string
}

resource "aws_s3_bucket" "assets" {
  bucket = "acme-assets"
  acl    = var.bucket_acl

  versioning {
    enabled = true
  }
}
