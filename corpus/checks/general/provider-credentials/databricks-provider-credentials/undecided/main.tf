provider "databricks" {
  host  = "https://acme.cloud.databricks.com"
  token = var.text
}

variable "text" {
  type = string
}
