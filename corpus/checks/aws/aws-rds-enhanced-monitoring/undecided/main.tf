resource "aws_db_instance" "orders" {
  identifier          = "orders"
  engine              = "postgres"
  instance_class      = "db.m6g.large"
  allocated_storage   = 100
  monitoring_interval = var.monitoring_interval
  monitoring_role_arn = "arn:aws:iam::111122223333:role/rds_monitoring"
}

variable "monitoring_interval" {
  type = number
}
