locals {
  source_ranges = ["10.0.0.0/8"]
}

resource "google_compute_firewall" "open" {
  name          = "open"
  network       = "main"
  source_ranges = local.source_ranges

  allow {
    protocol = "all"
  }
}
