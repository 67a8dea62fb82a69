resource "google_redis_instance" "main" {
  name                    = "main"
  memory_size_gb          = 4
  transit_encryption_mode = "DISABLED"
}
