resource "alicloud_oss_bucket" "files" {
  bucket = "acme-files"
  logging {
    target_bucket = "acme-logs"
    target_prefix = "files/"
  }
}
