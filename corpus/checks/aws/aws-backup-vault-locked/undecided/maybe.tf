variable "lock" {
  type = bool
}

resource "aws_backup_vault" "daily" {
  name = "daily"
}

resource "aws_backup_vault_lock_configuration" "daily" {
  count = var.lock ? 1 : 0

  backup_vault_name  = aws_backup_vault.daily.name
  min_retention_days = 35
}
