resource "google_cloud_run_service_iam_binding" "main" {
  role    = "roles/viewer"
  service = "allServices"
  members = ["group:developers@example.com"]
}
