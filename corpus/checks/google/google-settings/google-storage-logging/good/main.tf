resource "google_storage_bucket" "main" {
  name     = "main"
  location = "europe-west1"

  logging {
    log_bucket = "audit"
  }
}
