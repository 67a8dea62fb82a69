resource "aws_s3_bucket" "avatars" {
  bucket = "acme-avatars"

  cors_rule {
    allowed_methods = ["GET"]
    allowed_origins = ["*"]
  }

  cors_rule {
    allowed_methods = ["DELETE", "PUT"]
    allowed_origins = ["https://app.acme.example", "*"]
  }
}
