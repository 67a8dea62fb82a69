resource "random_password" "catalog" {
  length = 32
}

resource "aws_docdb_cluster" "catalog" {
  cluster_identifier = "catalog"
  master_username    = "catalog_admin"
  master_password    = "mustbeeightchars"
}
