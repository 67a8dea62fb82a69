resource "aws_acm_certificate" "web" {
  domain_name       = "www.example.com"
  validation_method = "DNS"
  key_algorithm     = var.key_algorithm
}

variable "key_algorithm" {
  type = string
}
