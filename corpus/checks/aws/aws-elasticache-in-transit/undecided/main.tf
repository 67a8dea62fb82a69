resource "aws_elasticache_replication_group" "sessions" {
  replication_group_id       = "sessions"
  description                = "Login sessions"
  node_type                  = "cache.m6g.large"
  transit_encryption_enabled = var.transit_encryption_enabled
}

variable "transit_encryption_enabled" {
  type = bool
}
