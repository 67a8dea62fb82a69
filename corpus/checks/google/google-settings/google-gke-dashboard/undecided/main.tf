resource "google_container_cluster" "main" {
  name               = "main"
  initial_node_count = 1

  addons_config {
    kubernetes_dashboard {
      disabled = var.disabled
    }
  }
}

variable "disabled" {
  type = bool
}
