resource "nifcloud_db_instance" "shop" {
  identifier              = "shop"
  instance_class          = "db.large8"
  publicly_accessible     = false
  backup_retention_period = var.number
}

variable "number" {
  type = number
}
