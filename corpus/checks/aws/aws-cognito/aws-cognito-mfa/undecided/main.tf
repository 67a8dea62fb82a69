resource "aws_cognito_user_pool" "customers" {
  name              = "customers"
  mfa_configuration = var.mfa_configuration

  software_token_mfa_configuration {
    enabled = true
  }
}

variable "mfa_configuration" {
  type = string
}
