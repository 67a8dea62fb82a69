resource "google_storage_bucket_iam_member" "main" {
  bucket = "main"
  role   = "roles/viewer"
  member = "allUsers"
}
