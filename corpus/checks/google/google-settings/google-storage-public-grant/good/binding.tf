resource "google_storage_bucket_iam_binding" "main" {
  bucket  = "main"
  role    = "roles/viewer"
  members = ["group:developers@example.com"]
}
