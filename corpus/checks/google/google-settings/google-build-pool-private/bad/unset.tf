resource "google_cloudbuild_worker_pool" "main" {
  name     = "main"
  location = "europe-west1"
}
