resource "alicloud_actiontrail_trail" "audit" {
  trail_name      = "audit"
  oss_bucket_name = "acme-audit"
  event_rw        = "All"
}
