resource "google_compute_instance_iam_binding" "main" {
  instance_name = "main"
  role          = "roles/viewer"
  members       = ["group:developers@example.com"]
}
