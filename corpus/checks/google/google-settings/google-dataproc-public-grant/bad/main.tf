resource "google_dataproc_cluster_iam_member" "main" {
  cluster = "main"
  role    = "roles/viewer"
  member  = "allUsers"
}
