variable "mfa_delete" {
  type = string
}

resource "aws_s3_bucket" "audit" {
  bucket = "acme-audit-trail"
}

resource "aws_s3_bucket_versioning" "audit" {
  bucket = aws_s3_bucket.audit.id

  versioning_configuration {
    status     = "Enabled"
    mfa_delete = var.mfa_delete
  }
}
