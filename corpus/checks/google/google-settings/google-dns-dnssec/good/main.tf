resource "google_dns_managed_zone" "main" {
  name     = "main"
  dns_name = "example.com."

  dnssec_config {
    state = "on"
  }
}
