resource "google_sql_database_instance" "main" {
  database_version = "POSTGRES_14"

  settings {
    tier = "db-custom-2-7680"

    database_flags {
      name  = "log_min_messages"
      value = var.value
    }
  }
}

variable "value" {
  type = string
}
