resource "google_organization_iam_member" "main" {
  member = "group:developers@example.com"
  org_id = "123456789012"
  role   = "roles/viewer"
}
