resource "github_repository_webhook" "ci" {
  repository = "shop"
  events     = ["push"]

  configuration {
    content_type = "json"
    url          = "http://ci.example.com/"
  }
}
