resource "google_sql_database_instance" "main" {
  database_version    = "POSTGRES_16"
  deletion_protection = var.deletion_protection

  settings {
    tier = "db-custom-2-7680"
  }
}

variable "deletion_protection" {
  type = bool
}
