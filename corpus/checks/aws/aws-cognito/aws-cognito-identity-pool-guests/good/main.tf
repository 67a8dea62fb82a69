locals {
  allow_unauthenticated_identities = false
}

resource "aws_cognito_identity_pool" "app" {
  identity_pool_name               = "app"
  allow_unauthenticated_identities = local.allow_unauthenticated_identities
}
