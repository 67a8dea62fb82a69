resource "google_redis_instance" "main" {
  name                 = "main"
  memory_size_gb       = 4
  customer_managed_key = "projects/orders-prod/locations/europe-west1/keyRings/main/cryptoKeys/main"
}
