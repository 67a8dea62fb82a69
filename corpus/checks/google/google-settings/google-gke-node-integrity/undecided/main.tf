resource "google_container_node_pool" "main" {
  cluster = "main"

  node_config {
    shielded_instance_config {
      enable_integrity_monitoring = var.enable_integrity_monitoring
    }
  }
}

variable "enable_integrity_monitoring" {
  type = bool
}
