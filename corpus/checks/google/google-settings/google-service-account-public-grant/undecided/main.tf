resource "google_service_account_iam_member" "main" {
  role               = "roles/viewer"
  service_account_id = "projects/orders-prod/serviceAccounts/orders@orders-prod.iam.gserviceaccount.com"
  member             = var.member
}

variable "member" {
  type = string
}
