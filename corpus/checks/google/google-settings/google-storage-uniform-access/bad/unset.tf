resource "google_storage_bucket" "main" {
  name     = "main"
  location = "europe-west1"
}
