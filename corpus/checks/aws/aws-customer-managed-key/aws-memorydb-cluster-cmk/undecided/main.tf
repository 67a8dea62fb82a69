resource "aws_memorydb_cluster" "state" {
  name        = "state"
  acl_name    = "app"
  node_type   = "db.r6g.large"
  kms_key_arn = var.kms_key_arn
}

variable "kms_key_arn" {
  type = string
}
