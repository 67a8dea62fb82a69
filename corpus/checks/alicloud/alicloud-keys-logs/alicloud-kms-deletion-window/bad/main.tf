resource "alicloud_kms_key" "data" {
  description            = "data"
  pending_window_in_days = 7
}
