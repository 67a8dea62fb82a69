resource "nifcloud_elb" "web" {
  elb_name          = "web"
  availability_zone = "east-11"
  instance_port     = 443
  lb_port           = 443
  protocol          = "HTTPS"

  network_interface {
    network_id = "net-COMMON_PRIVATE"
  }
}
