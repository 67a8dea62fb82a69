resource "google_compute_target_https_proxy" "main" {
  name       = "main"
  url_map    = "main"
  ssl_policy = "modern"
}
