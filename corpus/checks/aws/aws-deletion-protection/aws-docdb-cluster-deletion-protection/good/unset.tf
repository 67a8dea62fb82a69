resource "aws_docdb_cluster" "catalog" {
  cluster_identifier  = "catalog"
  deletion_protection = true
}
