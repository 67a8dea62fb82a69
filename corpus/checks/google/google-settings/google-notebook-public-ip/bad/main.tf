resource "google_notebooks_instance" "main" {
  name         = "main"
  location     = "europe-west1"
  machine_type = "e2-medium"
  no_public_ip = false
}
