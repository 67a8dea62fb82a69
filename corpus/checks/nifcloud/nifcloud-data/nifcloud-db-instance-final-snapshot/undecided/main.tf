resource "nifcloud_db_instance" "shop" {
  identifier                = "shop"
  instance_class            = "db.large8"
  final_snapshot_identifier = "shop-last"
  skip_final_snapshot       = var.flag
}

variable "flag" {
  type = bool
}
