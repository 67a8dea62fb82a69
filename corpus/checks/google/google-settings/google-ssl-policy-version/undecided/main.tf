resource "google_compute_ssl_policy" "main" {
  name            = "main"
  min_tls_version = var.min_tls_version
}

variable "min_tls_version" {
  type = string
}
