resource "google_folder_iam_member" "main" {
  folder = "folders/123456789012"
  role   = "roles/viewer"
  member = "serviceAccount:123456789012-compute@developer.gserviceaccount.com"
}
