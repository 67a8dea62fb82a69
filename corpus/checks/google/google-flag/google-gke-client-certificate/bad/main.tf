locals {
  issue_client_certificate = true
}

resource "google_container_cluster" "apps" {
  name               = "apps"
  location           = "europe-west1"
  initial_node_count = 1

  master_auth {
    client_certificate_config {
      issue_client_certificate = local.issue_client_certificate
    }
  }
}
