resource "google_sql_database_instance" "main" {
  database_version = "POSTGRES_16"

  settings {
    tier = "db-custom-2-7680"

    ip_configuration {
      ipv4_enabled = true

      authorized_networks {
        name  = "office"
        value = "198.51.100.0/24"
      }
    }
  }
}
