resource "aws_s3_bucket_public_access_block" "exports" {
  bucket = "acme-exports"

  block_public_acls   = true
  block_public_policy = true
  ignore_public_acls  = true
}
