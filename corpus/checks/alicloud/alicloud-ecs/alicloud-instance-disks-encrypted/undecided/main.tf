resource "alicloud_instance" "web" {
  instance_name         = "web"
  instance_type         = "ecs.g7.large"
  vswitch_id            = "vsw-bp1a2b3c"
  system_disk_encrypted = true

  data_disks {
    size      = 20
    encrypted = var.flag
  }
}

variable "flag" {
  type = bool
}
