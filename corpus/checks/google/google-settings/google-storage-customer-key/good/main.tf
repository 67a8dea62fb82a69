resource "google_storage_bucket" "main" {
  name     = "main"
  location = "europe-west1"

  encryption {
    default_kms_key_name = "projects/orders-prod/locations/europe-west1/keyRings/main/cryptoKeys/main"
  }
}
