resource "google_container_cluster" "main" {
  name               = "main"
  initial_node_count = 1

  master_authorized_networks_config {
    cidr_blocks {
      cidr_block = "198.51.100.0/24"
    }
  }
}
