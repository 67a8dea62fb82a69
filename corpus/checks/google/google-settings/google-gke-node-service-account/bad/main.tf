resource "google_container_node_pool" "main" {
  cluster = "main"

  node_config {
    service_account = "default"
  }
}
