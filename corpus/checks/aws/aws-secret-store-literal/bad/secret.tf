resource "aws_secretsmanager_secret" "db" {
  name = "db/password"
}

resource "aws_secretsmanager_secret_version" "db" {
  secret_id     = aws_secretsmanager_secret.db.id
  secret_string = "k9Xv2Lq8Zt5Rw1Yb7Nc4Jd6Hf3Gs0Pa8MuEoTiQx"
}

resource "random_password" "db" {
  length = 32
}
