resource "google_container_node_pool" "apps" {
  name    = "apps"
  cluster = "apps"

  management {
    auto_repair = true
  }
}
