resource "alicloud_oss_bucket" "files" {
  bucket = "acme-files"
  server_side_encryption_rule {
    sse_algorithm     = "KMS"
    kms_master_key_id = "1234abcd-12ab-34cd-56ef-1234567890ab"
  }
}
