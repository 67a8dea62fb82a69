resource "alicloud_db_instance" "shop" {
  engine           = "MySQL"
  engine_version   = "8.0"
  instance_type    = "mysql.n2.medium.2c"
  instance_storage = 30
  security_ips     = ["10.0.0.0/16"]
}
