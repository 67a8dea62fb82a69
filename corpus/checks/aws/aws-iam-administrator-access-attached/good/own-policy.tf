resource "aws_iam_policy" "backup" {
  name = "backup"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["backup:StartBackupJob"], Resource = "arn:aws:backup:eu-west-1:111122223333:backup-vault:daily" }]
  })
}

resource "aws_iam_role_policy_attachment" "backup" {
  role       = "backup"
  policy_arn = aws_iam_policy.backup.arn
}
