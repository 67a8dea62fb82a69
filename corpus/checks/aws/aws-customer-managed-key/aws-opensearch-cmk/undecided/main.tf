resource "aws_opensearch_domain" "logs" {
  domain_name    = "logs"
  engine_version = "OpenSearch_2.11"

  encrypt_at_rest {
    enabled    = true
    kms_key_id = var.kms_key_id
  }
}

resource "aws_kms_key" "search" {
  description         = "Search indices"
  enable_key_rotation = true
}

variable "kms_key_id" {
  type = string
}
