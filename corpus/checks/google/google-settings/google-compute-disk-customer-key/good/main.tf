resource "google_compute_disk" "main" {
  name = "main"

  disk_encryption_key {
    kms_key_self_link = "projects/orders-prod/locations/europe-west1/keyRings/main/cryptoKeys/main"
  }
}
