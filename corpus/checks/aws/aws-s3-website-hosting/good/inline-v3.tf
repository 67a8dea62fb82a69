resource "aws_s3_bucket" "docs_site" {
  bucket = "docs.acme.example"
  acl    = "private"
}
