resource "google_container_node_pool" "main" {
  cluster = "main"

  node_config {
    shielded_instance_config {
      enable_secure_boot = var.enable_secure_boot
    }
  }
}

variable "enable_secure_boot" {
  type = bool
}
