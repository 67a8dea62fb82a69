resource "google_compute_firewall" "main" {
  name               = "main"
  network            = "main"
  direction          = "EGRESS"
  destination_ranges = ["0.0.0.0/0"]

  allow {
    protocol = "tcp"
    ports    = ["443"]
  }
}
