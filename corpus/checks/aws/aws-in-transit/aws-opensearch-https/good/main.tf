locals {
  enforce_https = true
}

resource "aws_opensearch_domain" "logs" {
  domain_name = "logs"

  domain_endpoint_options {
    enforce_https       = local.enforce_https
    tls_security_policy = "Policy-Min-TLS-1-2-2019-07"
  }
}
