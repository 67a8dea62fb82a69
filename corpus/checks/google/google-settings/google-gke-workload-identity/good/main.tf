resource "google_container_cluster" "main" {
  name               = "main"
  initial_node_count = 1

  workload_identity_config {
    workload_pool = "orders-prod.svc.id.goog"
  }
}
