resource "alicloud_oss_bucket" "files" {
  bucket = "acme-files"
  transfer_acceleration {
    enabled = false
  }
}
