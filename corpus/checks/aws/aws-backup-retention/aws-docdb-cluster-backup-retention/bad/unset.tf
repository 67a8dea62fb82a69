resource "aws_docdb_cluster" "catalog" {
  cluster_identifier = "catalog"
}
