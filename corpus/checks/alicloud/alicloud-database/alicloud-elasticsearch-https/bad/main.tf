resource "alicloud_elasticsearch_instance" "logs" {
  version    = "8.5.1_with_X-Pack"
  vswitch_id = "vsw-bp1a2b3c"
}
