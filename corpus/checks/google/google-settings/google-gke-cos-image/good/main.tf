resource "google_container_node_pool" "main" {
  cluster = "main"

  node_config {
    image_type = "COS_CONTAINERD"
  }
}
