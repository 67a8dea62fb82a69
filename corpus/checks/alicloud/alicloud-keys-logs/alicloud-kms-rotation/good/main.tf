resource "alicloud_kms_key" "data" {
  description        = "data"
  rotation_interval  = "365d"
  automatic_rotation = "Enabled"
}
