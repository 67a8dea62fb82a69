resource "alicloud_instance" "web" {
  instance_name              = "web"
  vswitch_id                 = "vsw-bp1a2b3c"
  internet_max_bandwidth_out = 10
}
