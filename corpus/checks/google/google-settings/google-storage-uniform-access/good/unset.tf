resource "google_storage_bucket" "main" {
  name                        = "main"
  location                    = "europe-west1"
  uniform_bucket_level_access = true
}
