resource "google_cloud_run_service_iam_member" "main" {
  role    = "roles/viewer"
  service = "allServices"
  member  = "allUsers"
}
