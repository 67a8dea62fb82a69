resource "github_branch_protection" "main" {
  repository_id = "shop"
  pattern       = "main"

  required_pull_request_reviews {
    required_approving_review_count = 2
    dismiss_stale_reviews           = true
  }
}
