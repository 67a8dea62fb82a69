resource "alicloud_oss_bucket" "files" {
  bucket = "acme-files"
}
