resource "aws_kms_key" "s3" {
  description         = "objects of the medical archive"
  enable_key_rotation = true
}

resource "aws_s3_bucket" "archive" {
  bucket = "acme-medical-archive"
}

resource "aws_s3_bucket_server_side_encryption_configuration" "archive" {
  bucket = aws_s3_bucket.archive.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}
