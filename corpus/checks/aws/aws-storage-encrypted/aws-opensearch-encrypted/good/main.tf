resource "aws_opensearch_domain" "logs" {
  domain_name    = "logs"
  engine_version = "OpenSearch_2.11"

  encrypt_at_rest {
    enabled = var.enabled
  }
}

variable "enabled" {
  type    = bool
  default = true
}
