resource "google_container_cluster" "main" {
  name               = "main"
  initial_node_count = 1

  database_encryption {
    key_name = "projects/orders-prod/locations/europe-west1/keyRings/main/cryptoKeys/main"
    state    = "DECRYPTED"
  }
}
