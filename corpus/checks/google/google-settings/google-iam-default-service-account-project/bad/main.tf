resource "google_project_iam_member" "main" {
  project = "orders-prod"
  role    = "roles/viewer"
  member  = "serviceAccount:123456789012-compute@developer.gserviceaccount.com"
}
