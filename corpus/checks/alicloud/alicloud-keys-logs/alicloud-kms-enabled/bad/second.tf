resource "alicloud_kms_key" "data" {
  description = "data"
  is_enabled  = false
}
