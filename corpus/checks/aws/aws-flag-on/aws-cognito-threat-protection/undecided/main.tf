resource "aws_cognito_user_pool" "customers" {
  name = "customers"

  user_pool_add_ons {
    advanced_security_mode = var.advanced_security_mode
  }
}

variable "advanced_security_mode" {
  type = string
}
