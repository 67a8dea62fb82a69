resource "google_project_iam_member" "main" {
  project = "orders-prod"
  role    = "roles/storage.objectViewer"
  member  = "serviceAccount:orders@orders-prod.iam.gserviceaccount.com"
}
