resource "google_dns_policy" "main" {
  name           = "main"
  enable_logging = false
}
