resource "google_dataproc_cluster" "main" {
  name = "main"

  cluster_config {
    encryption_config {
      kms_key_name = "projects/orders-prod/locations/europe-west1/keyRings/main/cryptoKeys/main"
    }
  }
}
