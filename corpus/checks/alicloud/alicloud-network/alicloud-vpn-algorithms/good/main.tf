resource "alicloud_vpn_connection" "office" {
  vpn_gateway_id      = "vpn-bp1a2b3c"
  customer_gateway_id = "cgw-bp1a2b3c"

  ike_config {
    ike_auth_alg = "sha256"
    ike_enc_alg  = "aes256"
  }
}
