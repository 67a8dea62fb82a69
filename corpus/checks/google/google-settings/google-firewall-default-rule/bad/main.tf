resource "google_compute_firewall" "main" {
  name          = "default-allow-internal"
  network       = "main"
  source_ranges = ["10.128.0.0/9"]

  allow {
    protocol = "tcp"
    ports    = ["443"]
  }
}
