resource "aws_lambda_function" "orders" {
  function_name           = "orders"
  role                    = "arn:aws:iam::111122223333:role/orders"
  handler                 = "index.handler"
  runtime                 = "nodejs20.x"
  filename                = "orders.zip"
  code_signing_config_arn = "arn:aws:lambda:eu-west-1:111122223333:code-signing-config:csc-0f6c334abcdea4d8b"
}
