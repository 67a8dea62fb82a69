resource "aws_cognito_user_pool" "customers" {
  name = "customers"

  software_token_mfa_configuration {
    enabled = true
  }
}
