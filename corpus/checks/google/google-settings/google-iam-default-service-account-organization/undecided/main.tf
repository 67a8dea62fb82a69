resource "google_organization_iam_member" "main" {
  org_id = "123456789012"
  role   = "roles/viewer"
  member = var.member
}

variable "member" {
  type = string
}
