resource "nifcloud_vpn_connection" "office" {
  type             = "IPsec"
  vpn_gateway_name = "office"
}
