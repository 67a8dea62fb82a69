resource "google_cloudfunctions_function_iam_member" "main" {
  cloud_function = "main"
  role           = "roles/viewer"
  member         = "allUsers"
}
