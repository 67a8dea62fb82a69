provider "databricks" {
  host          = "https://acme.cloud.databricks.com"
  client_secret = "8f0zz3q7m2kd91xx"
}
