resource "github_actions_secret" "deploy" {
  repository      = "shop"
  secret_name     = "DEPLOY"
  plaintext_value = var.secret
}

variable "secret" {
  type = string
}
