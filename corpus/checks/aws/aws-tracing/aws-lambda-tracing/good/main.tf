resource "aws_lambda_function" "resize" {
  function_name = "resize"
  role          = "arn:aws:iam::111122223333:role/resize"
  handler       = "index.handler"
  runtime       = "nodejs20.x"
  filename      = "resize.zip"

  tracing_config {
    mode = "Active"
  }
}
