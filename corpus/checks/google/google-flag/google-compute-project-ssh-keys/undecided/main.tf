resource "google_compute_instance" "app" {
  name         = "app"
  machine_type = "e2-medium"
  zone         = "europe-west1-b"

  metadata = {
    block-project-ssh-keys = var.block_project_ssh_keys
  }
}

variable "block_project_ssh_keys" {
  type = string
}
