resource "google_project_iam_member" "main" {
  project = "orders-prod"
  role    = "roles/viewer"
  member  = var.member
}

variable "member" {
  type = string
}
