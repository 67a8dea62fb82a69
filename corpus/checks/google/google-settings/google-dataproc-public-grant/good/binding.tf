resource "google_dataproc_cluster_iam_binding" "main" {
  cluster = "main"
  role    = "roles/viewer"
  members = ["group:developers@example.com"]
}
