resource "nifcloud_network_interface" "web" {
  availability_zone = "east-11"
  network_id        = "net-COMMON_PRIVATE"
}
