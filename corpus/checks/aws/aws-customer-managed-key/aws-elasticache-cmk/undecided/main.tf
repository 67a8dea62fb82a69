resource "aws_elasticache_replication_group" "sessions" {
  replication_group_id       = "sessions"
  description                = "Login sessions"
  node_type                  = "cache.m6g.large"
  at_rest_encryption_enabled = true
  kms_key_id                 = var.kms_key_id
}

variable "kms_key_id" {
  type = string
}
