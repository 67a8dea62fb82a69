resource "google_container_node_pool" "main" {
  cluster = "main"

  node_config {
    image_type = var.image_type
  }
}

variable "image_type" {
  type = string
}
