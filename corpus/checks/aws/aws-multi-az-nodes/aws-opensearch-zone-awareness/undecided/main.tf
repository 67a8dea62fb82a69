resource "aws_opensearch_domain" "logs" {
  domain_name = "logs"

  cluster_config {
    instance_type          = "r6g.large.search"
    instance_count         = 2
    zone_awareness_enabled = var.zone_awareness_enabled
  }
}

variable "zone_awareness_enabled" {
  type = bool
}
