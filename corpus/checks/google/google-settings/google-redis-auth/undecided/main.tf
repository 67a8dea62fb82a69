resource "google_redis_instance" "main" {
  name           = "main"
  memory_size_gb = 4
  auth_enabled   = var.auth_enabled
}

variable "auth_enabled" {
  type = bool
}
