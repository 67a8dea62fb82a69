resource "aws_dms_replication_instance" "migration" {
  replication_instance_id    = "migration"
  replication_instance_class = "dms.t3.medium"
  kms_key_arn                = var.kms_key_arn
}

variable "kms_key_arn" {
  type = string
}
