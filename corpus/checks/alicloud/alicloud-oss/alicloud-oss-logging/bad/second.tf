resource "alicloud_oss_bucket" "files" {
  bucket           = "acme-files"
  logging_isenable = false

  logging {
    target_bucket = "acme-logs"
  }
}
