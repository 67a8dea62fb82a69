resource "aws_db_instance" "orders" {
  identifier                 = "orders"
  engine                     = "postgres"
  instance_class             = "db.m6g.large"
  allocated_storage          = 100
  auto_minor_version_upgrade = var.auto_minor_version_upgrade
}

variable "auto_minor_version_upgrade" {
  type = bool
}
