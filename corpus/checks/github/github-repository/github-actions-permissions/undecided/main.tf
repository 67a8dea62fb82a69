resource "github_actions_repository_permissions" "shop" {
  repository      = "shop"
  allowed_actions = var.text
}

variable "text" {
  type = string
}
