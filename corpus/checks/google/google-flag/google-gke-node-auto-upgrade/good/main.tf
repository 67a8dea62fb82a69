resource "google_container_node_pool" "apps" {
  name    = "apps"
  cluster = "apps"

  management {
    auto_upgrade = var.auto_upgrade
  }
}

variable "auto_upgrade" {
  type    = bool
  default = true
}
