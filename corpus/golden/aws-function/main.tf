locals {
  tags = {
    Owner       = "platform-team"
    Environment = "production"
  }
}

variable "private_subnet_ids" {
  type = list(string)
}

variable "security_group_id" {
  type = string
}

variable "kms_key_arn" {
  type = string
}

variable "table_arn" {
  type = string
}

variable "dead_letter_queue_arn" {
  type = string
}

variable "code_signing_config_arn" {
  type = string
}

resource "aws_cloudwatch_log_group" "prices" {
  name              = "/aws/lambda/prices"
  retention_in_days = 400
  kms_key_id        = var.kms_key_arn

  tags = local.tags
}

resource "aws_iam_role" "prices" {
  name = "prices"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })

  tags = local.tags
}

resource "aws_iam_role_policy" "prices" {
  name = "prices"
  role = aws_iam_role.prices.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "ReadPrices"
        Effect   = "Allow"
        Action   = ["dynamodb:GetItem", "dynamodb:Query"]
        Resource = var.table_arn
      },
      {
        Sid      = "WriteOwnLogs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "${aws_cloudwatch_log_group.prices.arn}:*"
      },
      {
        Sid      = "SendFailures"
        Effect   = "Allow"
        Action   = "sqs:SendMessage"
        Resource = var.dead_letter_queue_arn
      },
    ]
  })
}

resource "aws_lambda_function" "prices" {
  function_name                  = "prices"
  role                           = aws_iam_role.prices.arn
  runtime                        = "python3.13"
  handler                        = "prices.handler"
  filename                       = "prices.zip"
  kms_key_arn                    = var.kms_key_arn
  code_signing_config_arn        = var.code_signing_config_arn
  reserved_concurrent_executions = 20
  timeout                        = 10

  environment {
    variables = {
      TABLE = var.table_arn
    }
  }

  dead_letter_config {
    target_arn = var.dead_letter_queue_arn
  }

  tracing_config {
    mode = "Active"
  }

  vpc_config {
    subnet_ids         = var.private_subnet_ids
    security_group_ids = [var.security_group_id]
  }

  logging_config {
    log_format = "JSON"
    log_group  = aws_cloudwatch_log_group.prices.name
  }

  tags = local.tags
}
