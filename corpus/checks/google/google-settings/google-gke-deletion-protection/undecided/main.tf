resource "google_container_cluster" "main" {
  name                = "main"
  initial_node_count  = 1
  deletion_protection = var.deletion_protection
}

variable "deletion_protection" {
  type = bool
}
