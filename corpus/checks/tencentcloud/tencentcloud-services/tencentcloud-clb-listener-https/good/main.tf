resource "tencentcloud_clb_listener" "web" {
  clb_id               = "lb-0lh5au7v"
  listener_name        = "web"
  port                 = 443
  protocol             = "HTTPS"
  certificate_ssl_mode = "UNIDIRECTIONAL"
  certificate_id       = "VjANRdz8"
}
