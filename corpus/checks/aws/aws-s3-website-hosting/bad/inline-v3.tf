resource "aws_s3_bucket" "docs_site" {
  bucket = "docs.acme.example"
  acl    = "private"

  website {
    index_document = "index.html"
    error_document = "404.html"
  }
}
