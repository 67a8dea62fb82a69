locals {
  authorization_type = "AWS_IAM"
}

resource "aws_lambda_function_url" "hook" {
  function_name      = "hook"
  authorization_type = local.authorization_type
}
