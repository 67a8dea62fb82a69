resource "google_compute_firewall" "main" {
  name          = "main"
  network       = "main"
  source_ranges = ["0.0.0.0/0"]

  allow {
    protocol = "tcp"
    ports    = ["21"]
  }
}
