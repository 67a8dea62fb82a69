resource "github_organization_settings" "org" {
  billing_email                          = "billing@example.com"
  members_can_create_public_repositories = var.flag
}

variable "flag" {
  type = bool
}
