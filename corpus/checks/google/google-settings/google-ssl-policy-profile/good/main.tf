resource "google_compute_ssl_policy" "main" {
  name            = "main"
  min_tls_version = "TLS_1_2"
  profile         = "MODERN"
}
