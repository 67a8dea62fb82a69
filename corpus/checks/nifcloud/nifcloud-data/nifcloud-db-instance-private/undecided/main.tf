resource "nifcloud_db_instance" "shop" {
  identifier          = "shop"
  instance_class      = "db.large8"
  publicly_accessible = var.flag
}

variable "flag" {
  type = bool
}
