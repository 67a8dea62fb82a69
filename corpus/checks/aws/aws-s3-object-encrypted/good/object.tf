resource "aws_s3_bucket" "config" {
  bucket = "acme-app-config"
}

resource "aws_s3_object" "settings" {
  bucket                 = aws_s3_bucket.config.id
  key                    = "settings.json"
  source                 = "settings.json"
  server_side_encryption = "AES256"
}
