resource "alicloud_alb_acl" "office" {
  acl_name = "office"

  acl_entries {
    description = "office"
    entry       = "198.51.100.0/24"
  }
}
