resource "google_project_iam_member" "main" {
  project = "orders-prod"
  role    = "roles/viewer"
  member  = "user:jane@example.com"
}
