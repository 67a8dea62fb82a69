resource "aws_rds_cluster" "orders" {
  cluster_identifier = "orders"
  engine             = "aurora-mysql"
  storage_encrypted  = true
  kms_key_id         = var.kms_key_id
}

variable "kms_key_id" {
  type = string
}
