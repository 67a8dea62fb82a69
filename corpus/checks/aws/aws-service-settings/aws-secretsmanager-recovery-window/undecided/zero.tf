variable "days" {
  type = number
}

resource "aws_secretsmanager_secret" "db" {
  name                    = "db/password"
  recovery_window_in_days = var.days
}
