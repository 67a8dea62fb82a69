resource "google_container_cluster" "main" {
  name               = "main"
  initial_node_count = 1

  node_config {
    workload_metadata_config {
      mode = "GKE_METADATA"
    }
  }
}
