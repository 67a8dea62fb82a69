resource "alicloud_kvstore_instance" "cache" {
  db_instance_name = "cache"
  instance_class   = "redis.master.small.default"
  ssl_enable       = "Disable"
}
