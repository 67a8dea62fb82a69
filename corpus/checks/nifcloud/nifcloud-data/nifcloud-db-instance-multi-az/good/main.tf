resource "nifcloud_db_instance" "shop" {
  identifier     = "shop"
  instance_class = "db.large8"
  multi_az       = true
}
