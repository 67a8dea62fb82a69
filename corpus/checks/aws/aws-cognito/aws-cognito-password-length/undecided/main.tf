resource "aws_cognito_user_pool" "customers" {
  name = "customers"

  password_policy {
    minimum_length = var.minimum_length
  }
}

variable "minimum_length" {
  type = number
}
