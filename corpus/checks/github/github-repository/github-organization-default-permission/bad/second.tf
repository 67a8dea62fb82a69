resource "github_organization_settings" "org" {
  billing_email                 = "billing@example.com"
  default_repository_permission = "admin"
}
