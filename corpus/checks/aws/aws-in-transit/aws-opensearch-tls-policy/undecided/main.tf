resource "aws_opensearch_domain" "logs" {
  domain_name = "logs"

  domain_endpoint_options {
    enforce_https       = true
    tls_security_policy = var.tls_security_policy
  }
}

variable "tls_security_policy" {
  type = string
}
