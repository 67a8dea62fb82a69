resource "google_bigtable_instance" "main" {
  name = "main"

  cluster {
    cluster_id   = "main"
    kms_key_name = "projects/orders-prod/locations/europe-west1/keyRings/main/cryptoKeys/main"
  }
}
