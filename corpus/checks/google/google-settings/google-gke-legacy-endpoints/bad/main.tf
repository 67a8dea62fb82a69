resource "google_container_node_pool" "main" {
  cluster = "main"

  node_config {
    metadata = {
      disable-legacy-endpoints = "false"
    }
  }
}
