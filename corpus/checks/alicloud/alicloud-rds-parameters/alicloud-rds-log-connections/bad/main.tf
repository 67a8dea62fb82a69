resource "alicloud_db_instance" "shop" {
  engine         = "PostgreSQL"
  engine_version = "16.0"
}
