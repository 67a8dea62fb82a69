resource "aws_opensearch_domain" "logs" {
  domain_name = "logs"

  node_to_node_encryption {
    enabled = var.enabled
  }
}

variable "enabled" {
  type    = bool
  default = false
}
