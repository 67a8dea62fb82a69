resource "google_service_account_iam_binding" "main" {
  role               = "roles/viewer"
  service_account_id = "projects/orders-prod/serviceAccounts/orders@orders-prod.iam.gserviceaccount.com"
  members            = ["group:developers@example.com"]
}
