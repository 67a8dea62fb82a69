resource "google_secret_manager_secret_iam_member" "main" {
  role      = "roles/viewer"
  secret_id = "orders-db"
  member    = var.member
}

variable "member" {
  type = string
}
