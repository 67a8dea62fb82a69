resource "google_compute_disk" "main" {
  name = "main"
}
