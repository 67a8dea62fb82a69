resource "aws_docdb_cluster" "catalog" {
  cluster_identifier  = "catalog"
  deletion_protection = var.deletion_protection
}

variable "deletion_protection" {
  type = bool
}
