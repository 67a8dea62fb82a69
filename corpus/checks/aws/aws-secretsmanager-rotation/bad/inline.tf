resource "aws_secretsmanager_secret" "api" {
  name = "api/token"
}
