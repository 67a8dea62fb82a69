resource "google_cloudbuild_worker_pool" "main" {
  name     = "main"
  location = "europe-west1"

  worker_config {
    no_external_ip = false
  }
}
