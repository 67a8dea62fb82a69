resource "aws_docdb_cluster" "catalog" {
  cluster_identifier          = "catalog"
  master_username             = "catalog_admin"
  manage_master_user_password = true
  storage_encrypted           = true
  kms_key_id                  = var.kms_key_id
}

variable "kms_key_id" {
  type = string
}
