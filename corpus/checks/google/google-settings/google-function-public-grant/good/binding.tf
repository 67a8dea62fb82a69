resource "google_cloudfunctions_function_iam_binding" "main" {
  cloud_function = "main"
  role           = "roles/viewer"
  members        = ["group:developers@example.com"]
}
