resource "aws_kms_key" "own" {
  description         = "data of this service"
  enable_key_rotation = true
}

resource "aws_secretsmanager_secret" "db" {
  name       = "db/password"
  kms_key_id = aws_kms_key.own.arn
}
