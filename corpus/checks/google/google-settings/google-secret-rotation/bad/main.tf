resource "google_secret_manager_secret" "main" {
  secret_id = "orders-db"

  replication {
    auto {}
  }
}
