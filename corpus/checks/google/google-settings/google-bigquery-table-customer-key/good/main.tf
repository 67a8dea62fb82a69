resource "google_bigquery_table" "main" {
  dataset_id = "orders"
  table_id   = "orders"

  encryption_configuration {
    kms_key_name = "projects/orders-prod/locations/europe-west1/keyRings/main/cryptoKeys/main"
  }
}
