resource "github_branch_protection" "main" {
  repository_id          = "shop"
  pattern                = "main"
  require_signed_commits = true
}
