variable "days" {
  type = number
}

resource "aws_backup_plan" "app" {
  name = "app"

  rule {
    rule_name         = "nightly"
    target_vault_name = "daily"
    schedule          = "cron(0 3 * * ? *)"

    lifecycle {
      delete_after = var.days
    }
  }
}
