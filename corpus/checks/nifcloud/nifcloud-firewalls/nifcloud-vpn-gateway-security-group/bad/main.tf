resource "nifcloud_vpn_gateway" "office" {
  name              = "office"
  availability_zone = "east-11"
  network_id        = "net-abcd1234"
}
