resource "alicloud_actiontrail_trail" "audit" {
  trail_name      = "audit"
  oss_bucket_name = alicloud_oss_bucket.audit.id
}

resource "alicloud_oss_bucket" "audit" {
  bucket = "acme-audit"
  acl    = "private"
}
