resource "aws_elasticache_replication_group" "sessions" {
  replication_group_id       = "sessions"
  description                = "Login sessions"
  node_type                  = "cache.m6g.large"
  transit_encryption_enabled = true
  user_group_ids             = ["app"]
}
