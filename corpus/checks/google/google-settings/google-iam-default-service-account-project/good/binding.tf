resource "google_project_iam_binding" "main" {
  project = "orders-prod"
  role    = "roles/viewer"
  members = ["serviceAccount:orders@orders-prod.iam.gserviceaccount.com"]
}
