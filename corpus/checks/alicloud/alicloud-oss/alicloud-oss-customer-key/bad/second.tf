resource "alicloud_oss_bucket" "files" {
  bucket = "acme-files"
  server_side_encryption_rule {
    sse_algorithm = "AES256"
  }
}
