provider "databricks" {
  host  = "https://acme.cloud.databricks.com"
  token = "8f0zz3q7m2kd91xxcv5b8f0zz3q7m2kd"
}
