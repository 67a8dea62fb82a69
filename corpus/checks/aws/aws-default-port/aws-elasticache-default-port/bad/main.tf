resource "aws_elasticache_cluster" "pages" {
  cluster_id      = "pages"
  engine          = "memcached"
  node_type       = "cache.t4g.small"
  num_cache_nodes = 2
  port            = var.port
}

variable "port" {
  type    = number
  default = 11211
}
