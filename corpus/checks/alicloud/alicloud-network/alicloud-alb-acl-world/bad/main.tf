resource "alicloud_alb_acl" "office" {
  acl_name = "office"

  acl_entries {
    description = "office"
    entry       = "0.0.0.0/0"
  }
}
