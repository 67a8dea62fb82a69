resource "aws_elasticache_replication_group" "sessions" {
  replication_group_id = "sessions"
  description          = "Login sessions"
  node_type            = "cache.m6g.large"
  num_cache_clusters   = 2
}
