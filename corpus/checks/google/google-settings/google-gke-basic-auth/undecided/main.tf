resource "google_container_cluster" "main" {
  name               = "main"
  initial_node_count = 1

  master_auth {
    username = var.username
    password = var.password

    client_certificate_config {
      issue_client_certificate = false
    }
  }
}

variable "username" {
  type = string
}

variable "password" {
  type = string
}
