provider "databricks" {
  host    = "https://acme.cloud.databricks.com"
  profile = "company"
}
