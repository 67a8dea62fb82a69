locals {
  prefix = "acme"
}

resource "aws_s3_bucket" "media" {
  bucket = "${local.prefix}-media"
  acl    = "private"
}

resource "aws_s3_bucket" "thumbs" {
  bucket = "${local.prefix}-thumbs"
  acl    = "private"
}

resource "aws_s3_bucket_public_access_block" "thumbs" {
  bucket = aws_s3_bucket.thumbs.bucket

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_public_access_block" "media" {
  bucket = aws_s3_bucket.media.bucket

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}
