resource "aws_db_instance" "orders" {
  identifier          = "orders"
  engine              = "postgres"
  instance_class      = "db.m6g.large"
  allocated_storage   = 100
  publicly_accessible = var.publicly_accessible
}

variable "publicly_accessible" {
  type    = bool
  default = false
}
