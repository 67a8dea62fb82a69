resource "alicloud_oss_bucket_public_access_block" "files" {
  bucket              = "acme-files"
  block_public_access = false
}
