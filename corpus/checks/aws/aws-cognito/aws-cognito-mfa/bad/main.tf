locals {
  mfa_configuration = "OFF"
}

resource "aws_cognito_user_pool" "customers" {
  name              = "customers"
  mfa_configuration = local.mfa_configuration

  software_token_mfa_configuration {
    enabled = true
  }
}
