variable "tags" {
  type = any
}

resource "aws_acm_certificate" "shop" {
  domain_name       = "shop.acme.example"
  validation_method = "DNS"

  tags = var.tags

  lifecycle {
    create_before_destroy = true
  }
}
