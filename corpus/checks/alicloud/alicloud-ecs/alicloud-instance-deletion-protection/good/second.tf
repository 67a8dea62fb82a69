resource "alicloud_instance" "web" {
  instance_name       = "web"
  vswitch_id          = "vsw-bp1a2b3c"
  deletion_protection = true
}
