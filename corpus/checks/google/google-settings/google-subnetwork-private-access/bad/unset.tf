resource "google_compute_subnetwork" "main" {
  name    = "main"
  network = "main"
}
