resource "nifcloud_dns_record" "txt" {
  zone_id = "example.test"
  name    = "example.test"
  type    = "TXT"
  record  = var.text
}

variable "text" {
  type = string
}
