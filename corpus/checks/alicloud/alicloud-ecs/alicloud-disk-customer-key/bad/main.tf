resource "alicloud_ecs_disk" "data" {
  zone_id   = "cn-beijing-b"
  disk_name = "data"
  encrypted = true
}
