resource "openstack_lb_listener_v2" "web" {
  loadbalancer_id = "d9415786"
  protocol_port   = 443
  protocol        = "HTTP"
}
