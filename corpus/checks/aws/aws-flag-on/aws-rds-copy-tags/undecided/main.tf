resource "aws_db_instance" "orders" {
  identifier            = "orders"
  engine                = "postgres"
  instance_class        = "db.m6g.large"
  allocated_storage     = 100
  copy_tags_to_snapshot = var.copy_tags_to_snapshot
}

variable "copy_tags_to_snapshot" {
  type = bool
}
