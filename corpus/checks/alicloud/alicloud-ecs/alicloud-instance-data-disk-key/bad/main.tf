resource "alicloud_instance" "web" {
  instance_name         = "web"
  vswitch_id            = "vsw-bp1a2b3c"
  system_disk_encrypted = true

  data_disks {
    size      = 20
    encrypted = true
  }
}
