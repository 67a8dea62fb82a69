resource "google_sql_database_instance" "main" {
  database_version    = "POSTGRES_16"
  encryption_key_name = "projects/orders-prod/locations/europe-west1/keyRings/main/cryptoKeys/main"

  settings {
    tier = "db-custom-2-7680"
  }
}
