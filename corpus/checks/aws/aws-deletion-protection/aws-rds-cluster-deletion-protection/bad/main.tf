resource "aws_rds_cluster" "orders" {
  cluster_identifier  = "orders"
  engine              = "aurora-postgresql"
  deletion_protection = var.deletion_protection
}

variable "deletion_protection" {
  type    = bool
  default = false
}
