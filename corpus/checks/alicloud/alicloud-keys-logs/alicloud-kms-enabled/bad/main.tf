resource "alicloud_kms_key" "data" {
  description = "data"
  status      = "Disabled"
}
