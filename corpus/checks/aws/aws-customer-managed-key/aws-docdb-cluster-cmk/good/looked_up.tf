data "aws_kms_key" "data" {
  key_id = "alias/catalog"
}

resource "aws_docdb_cluster" "catalog" {
  cluster_identifier          = "catalog"
  master_username             = "catalog_admin"
  manage_master_user_password = true
  storage_encrypted           = true
  kms_key_id                  = data.aws_kms_key.data.arn
}
