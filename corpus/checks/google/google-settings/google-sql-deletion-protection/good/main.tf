resource "google_sql_database_instance" "main" {
  database_version    = "POSTGRES_16"
  deletion_protection = true

  settings {
    tier = "db-custom-2-7680"
  }
}
