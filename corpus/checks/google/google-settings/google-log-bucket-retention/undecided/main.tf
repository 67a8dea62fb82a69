resource "google_logging_project_bucket_config" "main" {
  location       = "europe-west1"
  bucket_id      = "main"
  project        = "orders-prod"
  retention_days = var.retention_days
}

variable "retention_days" {
  type = number
}
