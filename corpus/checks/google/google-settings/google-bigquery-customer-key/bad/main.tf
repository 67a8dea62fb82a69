resource "google_bigquery_dataset" "main" {
  dataset_id = "orders"
}
