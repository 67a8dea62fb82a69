resource "google_secret_manager_secret" "main" {
  secret_id = "orders-db"

  replication {
    auto {}
  }

  rotation {
    next_rotation_time = "2027-01-01T00:00:00Z"
    rotation_period    = "7776000s"
  }
}
