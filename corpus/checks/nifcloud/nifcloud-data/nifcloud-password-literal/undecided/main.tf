resource "nifcloud_db_instance" "shop" {
  identifier     = "shop"
  instance_class = "db.large8"
  username       = "shop"
  password       = var.text
}

resource "random_password" "db" {
  length = 32
}

variable "text" {
  type = string
}
