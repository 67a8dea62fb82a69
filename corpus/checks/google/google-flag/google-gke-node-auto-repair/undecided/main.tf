resource "google_container_node_pool" "apps" {
  name    = "apps"
  cluster = "apps"

  management {
    auto_repair = var.auto_repair
  }
}

variable "auto_repair" {
  type = bool
}
