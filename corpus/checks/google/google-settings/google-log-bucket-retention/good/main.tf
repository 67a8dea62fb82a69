resource "google_logging_project_bucket_config" "main" {
  location       = "europe-west1"
  bucket_id      = "main"
  project        = "orders-prod"
  retention_days = 90
}
