resource "alicloud_ess_scaling_configuration" "web" {
  scaling_group_id      = "asg-bp1a2b3c"
  image_id              = "ubuntu_24_04_x64"
  system_disk_encrypted = true
}
