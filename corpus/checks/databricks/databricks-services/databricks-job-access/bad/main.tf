resource "databricks_job" "load" {
  name = "load"
}
