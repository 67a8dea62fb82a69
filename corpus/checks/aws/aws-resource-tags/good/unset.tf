resource "aws_acm_certificate" "shop" {
  domain_name       = "shop.acme.example"
  validation_method = "DNS"

  tags = {
    owner = "shop-team"
    class = "public"
  }

  lifecycle {
    create_before_destroy = true
  }
}
