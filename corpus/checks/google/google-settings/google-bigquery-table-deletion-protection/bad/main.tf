resource "google_bigquery_table" "main" {
  dataset_id          = "orders"
  table_id            = "orders"
  deletion_protection = false
}
