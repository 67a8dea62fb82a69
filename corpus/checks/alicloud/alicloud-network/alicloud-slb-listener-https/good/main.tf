resource "alicloud_slb_listener" "web" {
  load_balancer_id      = "lb-bp1a2b3c"
  frontend_port         = 443
  backend_port          = 8080
  bandwidth             = 10
  tls_cipher_policy     = "tls_cipher_policy_1_2"
  protocol              = "https"
  server_certificate_id = "1234567890123456_cert"
}
