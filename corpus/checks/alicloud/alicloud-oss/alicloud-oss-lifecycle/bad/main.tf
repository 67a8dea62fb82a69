resource "alicloud_oss_bucket" "files" {
  bucket = "acme-files"

  lifecycle_rule {
    id      = "old"
    prefix  = "tmp/"
    enabled = false

    expiration {
      days = 30
    }
  }
}
