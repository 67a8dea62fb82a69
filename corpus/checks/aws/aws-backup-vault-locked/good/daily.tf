resource "aws_backup_vault" "daily" {
  name        = "daily"
  kms_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/0f4e8a6c-32a7-4c53-9d3a-5a1e0c9b7d11"
}

resource "aws_backup_vault_lock_configuration" "daily" {
  backup_vault_name  = aws_backup_vault.daily.name
  min_retention_days = 35
  max_retention_days = 400
}
