resource "google_sql_database_instance" "main" {
  database_version = "MYSQL_5_7"

  settings {
    tier = "db-custom-2-7680"

    database_flags {
      name  = "skip_show_database"
      value = "on"
    }
  }
}
