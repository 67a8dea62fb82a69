resource "alicloud_instance" "web" {
  instance_name         = "web"
  vswitch_id            = "vsw-bp1a2b3c"
  system_disk_encrypted = true

  data_disks {
    size       = 20
    encrypted  = true
    kms_key_id = "1234abcd-12ab-34cd-56ef-1234567890ab"
  }
}
