resource "databricks_group" "analysts" {
  display_name         = "analysts"
  allow_cluster_create = true
}
