resource "google_kms_crypto_key_iam_binding" "main" {
  crypto_key_id = "projects/orders-prod/locations/europe-west1/keyRings/main/cryptoKeys/main"
  role          = "roles/viewer"
  members       = ["group:developers@example.com", "allUsers"]
}
