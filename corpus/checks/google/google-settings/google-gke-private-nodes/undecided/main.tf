resource "google_container_cluster" "main" {
  name               = "main"
  initial_node_count = 1

  private_cluster_config {
    enable_private_nodes = var.enable_private_nodes
  }
}

variable "enable_private_nodes" {
  type = bool
}
