resource "google_secret_manager_secret_version" "main" {
  secret      = "projects/orders-prod/secrets/orders-db"
  secret_data = random_password.main.result
}
