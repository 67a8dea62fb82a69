resource "aws_s3_bucket" "scans" {
  bucket = "acme-scans"
}
