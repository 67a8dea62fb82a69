resource "github_repository_webhook" "ci" {
  repository = "shop"
  events     = ["push"]

  configuration {
    content_type = "json"
    url          = "https://ci.example.com/"
    insecure_ssl = true
  }
}
