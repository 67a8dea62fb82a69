resource "google_storage_bucket" "records" {
  name     = "example-records"
  location = "EU"

  versioning {
    enabled = false
  }
}
