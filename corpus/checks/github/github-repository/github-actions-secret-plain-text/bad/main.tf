variable "encrypted" {
  type = string
}

resource "github_actions_secret" "deploy" {
  repository      = "shop"
  secret_name     = "DEPLOY"
  plaintext_value = "8f0zz3q7m2kd91xx"
}
