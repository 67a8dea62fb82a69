resource "google_container_cluster" "main" {
  name               = "main"
  initial_node_count = 1
}
