resource "google_logging_organization_sink" "main" {
  name        = "main"
  org_id      = "123456789012"
  destination = "storage.googleapis.com/audit"
}
