resource "github_actions_repository_permissions" "shop" {
  repository      = "shop"
  allowed_actions = "all"
}
