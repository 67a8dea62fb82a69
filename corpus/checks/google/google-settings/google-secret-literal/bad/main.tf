resource "google_secret_manager_secret_version" "main" {
  secret      = "projects/orders-prod/secrets/orders-db"
  secret_data = "wJalrXUtnFEMI+K7MDENG/bPxRfiCYzQ8v2Lr5Tq"
}
