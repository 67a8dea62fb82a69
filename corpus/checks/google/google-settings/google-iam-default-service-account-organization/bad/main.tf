resource "google_organization_iam_member" "main" {
  org_id = "123456789012"
  role   = "roles/viewer"
  member = "serviceAccount:123456789012-compute@developer.gserviceaccount.com"
}
