resource "aws_rds_cluster" "orders" {
  cluster_identifier          = "orders"
  engine                      = "aurora-postgresql"
  engine_version              = "15.4"
  master_username             = "orders_admin"
  manage_master_user_password = true
  storage_encrypted           = false
}
