variable "secret" {
  type = string
}

resource "aws_lambda_function" "sync" {
  function_name = "sync"
  role          = "arn:aws:iam::111122223333:role/sync"
  handler       = "main.handler"
  runtime       = "python3.12"
  filename      = "sync.zip"

  environment {
    variables = {
      LOG_LEVEL = "info"
      SECRET    = var.secret
    }
  }
}
