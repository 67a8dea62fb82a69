resource "google_spanner_database" "main" {
  name     = "main"
  instance = "main"

  encryption_config {
    kms_key_name = "projects/orders-prod/locations/europe-west1/keyRings/main/cryptoKeys/main"
  }
}
