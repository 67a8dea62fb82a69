resource "aws_rds_cluster" "orders" {
  cluster_identifier                  = "orders"
  engine                              = "aurora-mysql"
  iam_database_authentication_enabled = var.iam_database_authentication_enabled
}

variable "iam_database_authentication_enabled" {
  type = bool
}
