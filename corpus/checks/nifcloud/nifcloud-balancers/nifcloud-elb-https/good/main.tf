resource "nifcloud_elb" "web" {
  elb_name           = "web"
  availability_zone  = "east-11"
  instance_port      = 8080
  lb_port            = 443
  protocol           = "HTTPS"
  ssl_certificate_id = "ssl-0a1b2c"

  network_interface {
    network_id     = "net-COMMON_GLOBAL"
    is_vip_network = true
  }
}
