locals {
  auto_minor_version_upgrade = true
}

resource "aws_db_instance" "orders" {
  identifier                 = "orders"
  engine                     = "postgres"
  instance_class             = "db.m6g.large"
  allocated_storage          = 100
  auto_minor_version_upgrade = local.auto_minor_version_upgrade
}
