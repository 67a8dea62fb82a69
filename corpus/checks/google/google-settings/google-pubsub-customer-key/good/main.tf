resource "google_pubsub_topic" "main" {
  name         = "main"
  kms_key_name = "projects/orders-prod/locations/europe-west1/keyRings/main/cryptoKeys/main"
}
