resource "google_dataproc_cluster_iam_member" "main" {
  cluster = "main"
  role    = "roles/viewer"
  member  = var.member
}

variable "member" {
  type = string
}
