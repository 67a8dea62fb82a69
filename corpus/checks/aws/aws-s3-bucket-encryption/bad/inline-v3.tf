resource "aws_s3_bucket" "letters" {
  bucket = "acme-letters"
  acl    = "private"
}
