resource "alicloud_mongodb_instance" "shop" {
  engine_version      = "7.0"
  db_instance_class   = "dds.mongo.mid"
  db_instance_storage = 10
  vswitch_id          = "vsw-bp1a2b3c"
}
