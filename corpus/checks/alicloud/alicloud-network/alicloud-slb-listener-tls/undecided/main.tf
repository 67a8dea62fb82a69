resource "alicloud_slb_listener" "web" {
  load_balancer_id      = "lb-bp1a2b3c"
  frontend_port         = 443
  protocol              = "https"
  server_certificate_id = "1234567890123456_cert"
  tls_cipher_policy     = var.text
}

variable "text" {
  type = string
}
