resource "google_compute_ssl_policy" "main" {
  name = "main"
}
