resource "aws_elasticache_replication_group" "sessions" {
  replication_group_id       = "sessions"
  description                = "Login sessions"
  engine                     = "redis"
  node_type                  = "cache.m6g.large"
  num_cache_clusters         = 2
  at_rest_encryption_enabled = var.at_rest_encryption_enabled
}

variable "at_rest_encryption_enabled" {
  type = bool
}
