resource "google_bigquery_dataset" "main" {
  dataset_id = "orders"

  access {
    role          = "READER"
    special_group = var.group
  }
}

variable "group" {
  type = string
}
