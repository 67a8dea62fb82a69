resource "alicloud_cr_repo" "shop" {
  namespace = "acme"
  name      = "shop"
  summary   = "shop"
  repo_type = "PRIVATE"
}
