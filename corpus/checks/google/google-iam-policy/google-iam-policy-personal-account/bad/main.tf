data "google_iam_policy" "main" {
  binding {
    role    = "roles/storage.objectViewer"
    members = ["user:jane@gmail.com"]
  }
}
