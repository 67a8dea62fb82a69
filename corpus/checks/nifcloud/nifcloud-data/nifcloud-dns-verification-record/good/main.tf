resource "nifcloud_dns_record" "txt" {
  zone_id = "example.test"
  name    = "example.test"
  type    = "TXT"
  record  = "v=spf1 -all"
}
