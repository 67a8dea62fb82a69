resource "aws_lambda_function_url" "hook" {
  function_name      = "hook"
  authorization_type = "AWS_IAM"

  cors {
    allow_origins = var.allow_origins
  }
}

variable "allow_origins" {
  type = list(string)
}
