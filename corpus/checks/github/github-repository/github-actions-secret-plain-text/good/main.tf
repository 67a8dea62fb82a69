variable "encrypted" {
  type = string
}

resource "github_actions_secret" "deploy" {
  repository      = "shop"
  secret_name     = "DEPLOY"
  encrypted_value = var.encrypted
}
