resource "alicloud_oss_bucket" "files" {
  bucket = "acme-files"

  cors_rule {
    allowed_methods = ["GET", "PUT"]
    allowed_origins = ["https://shop.example.com"]
  }
}
