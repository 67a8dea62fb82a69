resource "google_compute_backend_service" "main" {
  name = "main"
}
