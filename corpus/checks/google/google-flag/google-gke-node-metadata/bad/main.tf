resource "google_container_node_pool" "apps" {
  name    = "apps"
  cluster = "apps"

  node_config {
    workload_metadata_config {
      mode = "GCE_METADATA"
    }
  }
}
