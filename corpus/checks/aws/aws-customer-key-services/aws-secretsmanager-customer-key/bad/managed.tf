resource "aws_secretsmanager_secret" "db" {
  name       = "db/password"
  kms_key_id = "alias/aws/secretsmanager"
}
