resource "google_kms_crypto_key_iam_member" "main" {
  crypto_key_id = "projects/orders-prod/locations/europe-west1/keyRings/main/cryptoKeys/main"
  role          = "roles/viewer"
  member        = var.member
}

variable "member" {
  type = string
}
