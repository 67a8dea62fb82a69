variable "network_id" {
  type = string
}

variable "key_id" {
  type = string
}

resource "google_sql_database_instance" "orders" {
  name                = "orders"
  region              = "europe-west1"
  database_version    = "POSTGRES_17"
  deletion_protection = true
  encryption_key_name = var.key_id

  settings {
    tier                        = "db-custom-4-16384"
    availability_type           = "REGIONAL"
    deletion_protection_enabled = true

    ip_configuration {
      ipv4_enabled    = false
      private_network = var.network_id
      ssl_mode        = "ENCRYPTED_ONLY"
    }

    backup_configuration {
      enabled                        = true
      point_in_time_recovery_enabled = true
      transaction_log_retention_days = 7

      backup_retention_settings {
        retained_backups = 30
      }
    }

    insights_config {
      query_insights_enabled = true
    }

    password_validation_policy {
      enable_password_policy      = true
      min_length                  = 16
      complexity                  = "COMPLEXITY_DEFAULT"
      disallow_username_substring = true
    }

    dynamic "database_flags" {
      for_each = {
        "cloudsql.enable_pgaudit"     = "on"
        "cloudsql.iam_authentication" = "on"
        log_checkpoints               = "on"
        log_connections               = "on"
        log_disconnections            = "on"
        log_duration                  = "on"
        log_hostname                  = "off"
        log_lock_waits                = "on"
        log_min_duration_statement    = "-1"
        log_min_error_statement       = "error"
        log_min_messages              = "warning"
        log_statement                 = "ddl"
        log_temp_files                = "0"
      }

      content {
        name  = database_flags.key
        value = database_flags.value
      }
    }

    user_labels = {
      owner       = "orders-team"
      environment = "production"
    }
  }
}
