resource "google_container_cluster" "apps" {
  name               = "apps"
  location           = "europe-west1"
  initial_node_count = 1
  monitoring_service = var.monitoring_service
}

variable "monitoring_service" {
  type = string
}
