locals {
  tags = {
    Owner       = "platform-team"
    Environment = "production"
  }
}

variable "kms_key_arn" {
  type = string
}

variable "rotation_function_arn" {
  type = string
}

resource "aws_secretsmanager_secret" "partner" {
  name                    = "partner/api"
  description             = "Credentials for the partner's interface"
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = 30

  tags = local.tags
}

resource "aws_secretsmanager_secret_rotation" "partner" {
  secret_id           = aws_secretsmanager_secret.partner.id
  rotation_lambda_arn = var.rotation_function_arn

  rotation_rules {
    automatically_after_days = 30
  }
}

resource "aws_iam_policy" "read" {
  name = "read-partner-secret"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]
      Resource = aws_secretsmanager_secret.partner.arn
    }]
  })

  tags = local.tags
}
