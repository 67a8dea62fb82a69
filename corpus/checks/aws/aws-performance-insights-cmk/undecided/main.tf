resource "aws_db_instance" "orders" {
  identifier                      = "orders"
  engine                          = "postgres"
  instance_class                  = "db.m6g.large"
  allocated_storage               = 100
  performance_insights_enabled    = true
  performance_insights_kms_key_id = var.performance_insights_kms_key_id
}

variable "performance_insights_kms_key_id" {
  type = string
}
