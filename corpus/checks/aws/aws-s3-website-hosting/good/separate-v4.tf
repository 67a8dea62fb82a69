resource "aws_s3_bucket" "landing" {
  bucket = "acme-landing"
}
