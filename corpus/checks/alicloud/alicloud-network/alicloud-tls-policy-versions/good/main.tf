resource "alicloud_slb_tls_cipher_policy" "web" {
  tls_cipher_policy_name = "web"
  ciphers                = ["ECDHE-RSA-AES128-GCM-SHA256"]
  tls_versions           = ["TLSv1.2", "TLSv1.3"]
}
