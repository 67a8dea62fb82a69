resource "google_storage_bucket" "main" {
  name     = "main"
  location = "europe-west1"

  retention_policy {
    retention_period = 31536000
    is_locked        = true
  }
}
