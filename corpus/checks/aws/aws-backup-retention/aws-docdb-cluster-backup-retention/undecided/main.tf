resource "aws_docdb_cluster" "catalog" {
  cluster_identifier      = "catalog"
  backup_retention_period = var.backup_retention_period
}

variable "backup_retention_period" {
  type = number
}
