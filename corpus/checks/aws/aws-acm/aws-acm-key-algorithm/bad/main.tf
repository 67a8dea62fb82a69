locals {
  key_algorithm = "RSA_1024"
}

resource "aws_acm_certificate" "web" {
  domain_name       = "www.example.com"
  validation_method = "DNS"
  key_algorithm     = local.key_algorithm
}
