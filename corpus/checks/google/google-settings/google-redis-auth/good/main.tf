resource "google_redis_instance" "main" {
  name           = "main"
  memory_size_gb = 4
  auth_enabled   = true
}
