locals {
  tags = {
    Owner       = "platform-team"
    Environment = "production"
  }
}

variable "kms_key_arn" {
  type = string
}

variable "backup_role_arn" {
  type = string
}

resource "aws_backup_vault" "main" {
  name        = "main"
  kms_key_arn = var.kms_key_arn
  tags        = local.tags
}

resource "aws_backup_vault_lock_configuration" "main" {
  backup_vault_name  = aws_backup_vault.main.name
  min_retention_days = 35
  max_retention_days = 400
}

resource "aws_backup_plan" "nightly" {
  name = "nightly"
  tags = local.tags

  rule {
    rule_name         = "nightly"
    target_vault_name = aws_backup_vault.main.name
    schedule          = "cron(0 3 * * ? *)"

    lifecycle {
      delete_after = 35
    }
  }
}

resource "aws_backup_selection" "tagged" {
  name         = "tagged"
  plan_id      = aws_backup_plan.nightly.id
  iam_role_arn = var.backup_role_arn

  selection_tag {
    type  = "STRINGEQUALS"
    key   = "Backup"
    value = "nightly"
  }
}
