resource "aws_db_instance" "orders" {
  identifier                          = "orders"
  engine                              = "postgres"
  instance_class                      = "db.m6g.large"
  allocated_storage                   = 100
  iam_database_authentication_enabled = var.iam_database_authentication_enabled
}

variable "iam_database_authentication_enabled" {
  type = bool
}
