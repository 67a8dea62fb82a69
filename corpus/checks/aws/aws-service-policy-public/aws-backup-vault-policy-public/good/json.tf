resource "aws_backup_vault" "daily" {
  name = "daily"
}

resource "aws_backup_vault_policy" "daily" {
  backup_vault_name = aws_backup_vault.daily.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Share"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::444455556666:role/partner" }
        Action    = ["backup:CopyIntoBackupVault", "backup:StartRestoreJob"]
        Resource  = "*"
      },
    ]
  })
}
