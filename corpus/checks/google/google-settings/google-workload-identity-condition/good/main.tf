resource "google_iam_workload_identity_pool_provider" "main" {
  workload_identity_pool_id          = "github"
  workload_identity_pool_provider_id = "github"
  attribute_condition                = "assertion.repository_owner == 'example'"

  oidc {
    issuer_uri = "https://token.actions.githubusercontent.com"
  }
}
