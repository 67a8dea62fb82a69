locals {
  source_ranges = ["0.0.0.0/0"]
}

resource "google_compute_firewall" "rdp" {
  name          = "rdp"
  network       = "main"
  source_ranges = local.source_ranges

  allow {
    protocol = "tcp"
    ports    = ["3380-3390"]
  }
}
