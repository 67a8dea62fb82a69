locals {
  copy_tags_to_snapshot = true
}

resource "aws_db_instance" "orders" {
  identifier            = "orders"
  engine                = "postgres"
  instance_class        = "db.m6g.large"
  allocated_storage     = 100
  copy_tags_to_snapshot = local.copy_tags_to_snapshot
}
