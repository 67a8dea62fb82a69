resource "google_container_cluster" "main" {
  name               = "main"
  initial_node_count = 1
  logging_service    = var.logging_service
}

variable "logging_service" {
  type = string
}
