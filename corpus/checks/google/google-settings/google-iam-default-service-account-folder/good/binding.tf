resource "google_folder_iam_binding" "main" {
  folder  = "folders/123456789012"
  role    = "roles/viewer"
  members = ["serviceAccount:orders@orders-prod.iam.gserviceaccount.com"]
}
