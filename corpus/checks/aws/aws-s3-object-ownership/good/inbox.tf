resource "aws_s3_bucket" "inbox" {
  bucket = "acme-partner-inbox"
}

resource "aws_s3_bucket_ownership_controls" "inbox" {
  bucket = aws_s3_bucket.inbox.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}
