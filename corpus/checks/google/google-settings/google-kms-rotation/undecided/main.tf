resource "google_kms_crypto_key" "main" {
  name            = "main"
  key_ring        = "projects/orders-prod/locations/europe-west1/keyRings/main"
  rotation_period = var.rotation_period
}

variable "rotation_period" {
  type = string
}
