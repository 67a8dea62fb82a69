resource "google_folder_iam_member" "main" {
  folder = "folders/123456789012"
  role   = "roles/viewer"
  member = "serviceAccount:orders@orders-prod.iam.gserviceaccount.com"
}
