resource "aws_docdb_cluster" "catalog" {
  cluster_identifier      = "catalog"
  backup_retention_period = 7
}
