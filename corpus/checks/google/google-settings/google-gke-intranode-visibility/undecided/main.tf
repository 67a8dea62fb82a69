resource "google_container_cluster" "main" {
  name                        = "main"
  initial_node_count          = 1
  enable_intranode_visibility = var.enable_intranode_visibility
}

variable "enable_intranode_visibility" {
  type = bool
}
