resource "nifcloud_db_instance" "shop" {
  identifier     = "shop"
  instance_class = "db.large8"
  username       = "shop"
  password       = "tiger-1234"
}

resource "random_password" "db" {
  length = 32
}
