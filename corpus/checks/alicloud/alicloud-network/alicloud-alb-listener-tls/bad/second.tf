resource "alicloud_alb_listener" "web" {
  load_balancer_id   = "alb-bp1a2b3c"
  listener_port      = 443
  listener_protocol  = "HTTPS"
  security_policy_id = "tls_cipher_policy_1_0"
}
