resource "databricks_token" "ci" {
  comment          = "ci"
  lifetime_seconds = 0
}
