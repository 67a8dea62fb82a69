resource "aws_secretsmanager_secret" "db" {
  name                    = "db/password"
  recovery_window_in_days = 0
}
