resource "nifcloud_instance" "web" {
  instance_id    = "web001"
  image_id       = "221"
  security_group = "web"

  network_interface {
    network_id = "net-COMMON_GLOBAL"
  }

  network_interface {
    network_id = "net-COMMON_PRIVATE"
  }
}
