resource "alicloud_ecs_disk" "data" {
  zone_id   = "cn-beijing-b"
  disk_name = "data"
  size      = 30
  encrypted = var.flag
}

variable "flag" {
  type = bool
}
