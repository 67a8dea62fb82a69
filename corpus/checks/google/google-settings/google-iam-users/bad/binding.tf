resource "google_project_iam_binding" "main" {
  project = "orders-prod"
  role    = "roles/viewer"
  members = ["group:developers@example.com", "user:jane@example.com"]
}
