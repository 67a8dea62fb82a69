resource "aws_cognito_user_pool" "customers" {
  name                = "customers"
  deletion_protection = var.deletion_protection
}

variable "deletion_protection" {
  type    = string
  default = "INACTIVE"
}
