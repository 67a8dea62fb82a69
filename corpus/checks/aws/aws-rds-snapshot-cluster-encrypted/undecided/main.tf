resource "aws_rds_cluster" "orders" {
  cluster_identifier          = "orders"
  engine                      = "aurora-postgresql"
  master_username             = "orders_admin"
  manage_master_user_password = true
  storage_encrypted           = var.storage_encrypted
}

resource "aws_db_cluster_snapshot" "before_upgrade" {
  db_cluster_identifier          = aws_rds_cluster.orders.id
  db_cluster_snapshot_identifier = "orders-before-upgrade"
}

variable "storage_encrypted" {
  type = bool
}
