resource "aws_acm_certificate" "web" {
  domain_name       = "www.example.com"
  validation_method = "DNS"

  options {
    certificate_transparency_logging_preference = var.certificate_transparency_logging_preference
  }
}

variable "certificate_transparency_logging_preference" {
  type = string
}
