resource "google_project_iam_audit_config" "main" {
  project = "orders-prod"
  service = var.service

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

variable "service" {
  type = string
}
