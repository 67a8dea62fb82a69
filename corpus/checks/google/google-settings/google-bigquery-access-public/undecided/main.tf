resource "google_bigquery_dataset_access" "main" {
  dataset_id    = "orders"
  role          = "READER"
  special_group = var.group
}

variable "group" {
  type = string
}
