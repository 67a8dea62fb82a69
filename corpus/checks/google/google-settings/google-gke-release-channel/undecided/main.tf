resource "google_container_cluster" "main" {
  name               = "main"
  initial_node_count = 1

  release_channel {
    channel = var.channel
  }
}

variable "channel" {
  type = string
}
