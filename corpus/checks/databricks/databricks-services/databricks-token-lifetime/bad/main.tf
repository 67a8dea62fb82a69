resource "databricks_token" "ci" {
  comment = "ci"
}
