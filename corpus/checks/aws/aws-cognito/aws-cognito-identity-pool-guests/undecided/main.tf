resource "aws_cognito_identity_pool" "app" {
  identity_pool_name               = "app"
  allow_unauthenticated_identities = var.allow_unauthenticated_identities
}

variable "allow_unauthenticated_identities" {
  type = bool
}
