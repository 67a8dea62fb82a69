resource "aws_elasticache_replication_group" "sessions" {
  replication_group_id = "sessions"
  description          = "Login sessions"
  node_type            = "cache.m6g.large"

  log_delivery_configuration {
    destination      = "redis"
    destination_type = "cloudwatch-logs"
    log_format       = "json"
    log_type         = "slow-log"
  }
}
