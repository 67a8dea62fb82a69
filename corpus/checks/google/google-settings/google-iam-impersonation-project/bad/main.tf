resource "google_project_iam_member" "main" {
  member  = "group:developers@example.com"
  project = "orders-prod"
  role    = "roles/iam.serviceAccountTokenCreator"
}
