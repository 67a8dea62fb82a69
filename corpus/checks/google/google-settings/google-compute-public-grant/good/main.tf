resource "google_compute_instance_iam_member" "main" {
  instance_name = "main"
  role          = "roles/viewer"
  member        = "group:developers@example.com"
}
