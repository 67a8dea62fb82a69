resource "nifcloud_vpn_connection" "office" {
  type                              = "IPsec"
  vpn_gateway_name                  = "office"
  customer_gateway_name             = "office"
  ipsec_config_encryption_algorithm = "AES256"
  ipsec_config_hash_algorithm       = "SHA256"
}
