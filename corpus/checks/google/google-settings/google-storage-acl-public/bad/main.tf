resource "google_storage_bucket_access_control" "main" {
  bucket = "main"
  entity = "allUsers"
}
