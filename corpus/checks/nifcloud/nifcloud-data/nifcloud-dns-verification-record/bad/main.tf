resource "nifcloud_dns_record" "txt" {
  zone_id = "example.test"
  name    = "example.test"
  type    = "TXT"
  record  = "nifty-dns-verify=0a1b2c3d"
}
