resource "google_secret_manager_secret_version" "main" {
  secret      = "projects/orders-prod/secrets/orders-db"
  secret_data = var.secret_data
}

variable "secret_data" {
  type = string
}
