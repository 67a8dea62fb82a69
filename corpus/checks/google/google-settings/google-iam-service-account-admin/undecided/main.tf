resource "google_project_iam_member" "main" {
  project = "orders-prod"
  role    = var.role
  member  = "serviceAccount:orders@orders-prod.iam.gserviceaccount.com"
}

variable "role" {
  type = string
}
