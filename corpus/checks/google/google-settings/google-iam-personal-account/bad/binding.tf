resource "google_project_iam_binding" "main" {
  project = "orders-prod"
  role    = "roles/viewer"
  members = ["user:jane@example.com", "user:jane@gmail.com"]
}
