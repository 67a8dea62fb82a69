variable "rotator" {
  type = string
}

resource "aws_secretsmanager_secret" "api" {
  name                = "api/token"
  rotation_lambda_arn = var.rotator
}
