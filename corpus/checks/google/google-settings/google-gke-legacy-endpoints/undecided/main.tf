resource "google_container_node_pool" "main" {
  cluster = "main"

  node_config {
    metadata = {
      disable-legacy-endpoints = var.disable_legacy_endpoints
    }
  }
}

variable "disable_legacy_endpoints" {
  type = string
}
