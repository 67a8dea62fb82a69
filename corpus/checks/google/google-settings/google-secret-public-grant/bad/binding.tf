resource "google_secret_manager_secret_iam_binding" "main" {
  role      = "roles/viewer"
  secret_id = "orders-db"
  members   = ["group:developers@example.com", "allUsers"]
}
