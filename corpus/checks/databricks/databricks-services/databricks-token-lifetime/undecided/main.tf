resource "databricks_token" "ci" {
  comment          = "ci"
  lifetime_seconds = var.number
}

variable "number" {
  type = number
}
