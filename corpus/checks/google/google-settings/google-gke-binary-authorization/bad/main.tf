resource "google_container_cluster" "main" {
  name               = "main"
  initial_node_count = 1

  binary_authorization {
    evaluation_mode = "DISABLED"
  }
}
