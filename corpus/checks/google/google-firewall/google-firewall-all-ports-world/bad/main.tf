locals {
  source_ranges = ["0.0.0.0/0"]
}

resource "google_compute_firewall" "open" {
  name          = "open"
  network       = "main"
  source_ranges = local.source_ranges

  allow {
    protocol = "all"
  }
}
