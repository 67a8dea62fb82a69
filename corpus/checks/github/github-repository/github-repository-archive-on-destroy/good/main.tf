resource "github_repository" "shop" {
  name               = "shop"
  visibility         = "private"
  archive_on_destroy = true
}
