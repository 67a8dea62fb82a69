resource "google_organization_iam_binding" "main" {
  org_id  = "123456789012"
  role    = "roles/viewer"
  members = ["serviceAccount:orders@orders-prod.iam.gserviceaccount.com", "serviceAccount:123456789012-compute@developer.gserviceaccount.com"]
}
