locals {
  ownership = "BucketOwnerEnforced"
}

resource "aws_s3_bucket_ownership_controls" "legacy" {
  bucket = "acme-legacy"

  rule {
    object_ownership = local.ownership
  }
}
