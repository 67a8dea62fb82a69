resource "aws_s3_bucket" "payroll" {
  bucket = "acme-payroll"

  versioning {
    enabled    = true
    mfa_delete = true
  }
}
