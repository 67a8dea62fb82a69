resource "aws_lambda_function" "sync" {
  function_name = "sync"
  role          = "arn:aws:iam::111122223333:role/sync"
  handler       = "main.handler"
  runtime       = "python3.12"
  filename      = "sync.zip"

  environment {
    variables = {
      LOG_LEVEL             = "info"
      AWS_SECRET_ACCESS_KEY = "k9Xv2Lq8Zt5Rw1Yb7Nc4Jd6Hf3Gs0Pa8MuEoTiQx"
    }
  }
}
