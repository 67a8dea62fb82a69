resource "alicloud_ecs_disk" "data" {
  zone_id    = "cn-beijing-b"
  disk_name  = "data"
  encrypted  = true
  kms_key_id = "1234abcd-12ab-34cd-56ef-1234567890ab"
}
