resource "google_project" "main" {
  name                = "main"
  project_id          = "orders-prod"
  org_id              = "123456789012"
  auto_create_network = false
}

resource "google_project_iam_audit_config" "main" {
  service = "allServices"
  project = google_project.main.project_id

  audit_log_config {
    log_type = "ADMIN_READ"
  }

  audit_log_config {
    log_type = "DATA_READ"
  }

  audit_log_config {
    log_type = "DATA_WRITE"
  }
}
