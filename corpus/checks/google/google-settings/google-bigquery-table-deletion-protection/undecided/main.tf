resource "google_bigquery_table" "main" {
  dataset_id          = "orders"
  table_id            = "orders"
  deletion_protection = var.deletion_protection
}

variable "deletion_protection" {
  type = bool
}
