resource "aws_s3_bucket" "landing" {
  bucket = "acme-landing"
}

resource "aws_s3_bucket_website_configuration" "landing" {
  bucket = aws_s3_bucket.landing.id

  index_document {
    suffix = "index.html"
  }
}
