resource "google_container_cluster" "main" {
  name               = "main"
  initial_node_count = 1

  addons_config {
    network_policy_config {
      disabled = true
    }
  }
}
