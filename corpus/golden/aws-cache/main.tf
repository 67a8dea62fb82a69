locals {
  tags = {
    Owner       = "shop-team"
    Environment = "production"
  }
}

variable "kms_key_arn" {
  type = string
}

variable "subnet_group_name" {
  type = string
}

variable "security_group_id" {
  type = string
}

variable "user_group_id" {
  type = string
}

resource "aws_elasticache_replication_group" "sessions" {
  replication_group_id       = "sessions"
  description                = "Sessions of the shop"
  engine                     = "valkey"
  engine_version             = "8.0"
  node_type                  = "cache.m7g.large"
  port                       = 6390
  num_cache_clusters         = 2
  automatic_failover_enabled = true
  multi_az_enabled           = true
  at_rest_encryption_enabled = true
  kms_key_id                 = var.kms_key_arn
  transit_encryption_enabled = true
  transit_encryption_mode    = "required"
  user_group_ids             = [var.user_group_id]
  subnet_group_name          = var.subnet_group_name
  security_group_ids         = [var.security_group_id]
  snapshot_retention_limit   = 7
  auto_minor_version_upgrade = true
  tags                       = local.tags

  log_delivery_configuration {
    destination      = aws_cloudwatch_log_group.sessions.name
    destination_type = "cloudwatch-logs"
    log_format       = "json"
    log_type         = "slow-log"
  }
}

resource "aws_cloudwatch_log_group" "sessions" {
  name              = "/cache/sessions"
  retention_in_days = 400
  kms_key_id        = var.kms_key_arn
  tags              = local.tags
}
