resource "nifcloud_vpn_connection" "office" {
  type                        = "IPsec"
  vpn_gateway_name            = "office"
  ipsec_config_pre_shared_key = var.text
}

variable "text" {
  type = string
}
