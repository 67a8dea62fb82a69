resource "google_container_node_pool" "main" {
  cluster = "main"

  node_config {
    service_account = var.service_account
  }
}

variable "service_account" {
  type = string
}
