resource "google_project" "main" {
  name                = "main"
  project_id          = "orders-prod"
  org_id              = "123456789012"
  auto_create_network = false
}
