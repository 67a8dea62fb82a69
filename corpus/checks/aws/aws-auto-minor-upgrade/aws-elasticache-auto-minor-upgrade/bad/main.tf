resource "aws_elasticache_replication_group" "sessions" {
  replication_group_id       = "sessions"
  description                = "Login sessions"
  node_type                  = "cache.m6g.large"
  auto_minor_version_upgrade = var.auto_minor_version_upgrade
}

variable "auto_minor_version_upgrade" {
  type    = bool
  default = false
}
