resource "google_bigquery_dataset" "main" {
  dataset_id = "orders"

  default_encryption_configuration {
    kms_key_name = "projects/orders-prod/locations/europe-west1/keyRings/main/cryptoKeys/main"
  }
}
