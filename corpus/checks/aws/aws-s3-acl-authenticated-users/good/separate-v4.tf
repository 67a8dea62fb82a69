resource "aws_s3_bucket" "partner" {
  bucket = "acme-partner-drop"
}

resource "aws_s3_bucket_acl" "partner" {
  bucket = aws_s3_bucket.partner.id
  acl    = "private"
}
