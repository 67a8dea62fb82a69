resource "openstack_lb_listener_v2" "web" {
  loadbalancer_id           = "d9415786"
  protocol_port             = 443
  protocol                  = "TERMINATED_HTTPS"
  default_tls_container_ref = "https://barbican.example.com/v1/containers/web"
}
