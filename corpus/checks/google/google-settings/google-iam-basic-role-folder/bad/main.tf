resource "google_folder_iam_member" "main" {
  folder = "folders/123456789012"
  member = "group:developers@example.com"
  role   = "roles/editor"
}
