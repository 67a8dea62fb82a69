resource "alicloud_instance" "web" {
  instance_name = "web"
  instance_type = "ecs.g7.large"
  vswitch_id    = "vsw-bp1a2b3c"
}
