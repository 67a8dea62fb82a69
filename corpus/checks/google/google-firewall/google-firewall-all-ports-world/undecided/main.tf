resource "google_compute_firewall" "open" {
  name          = "open"
  network       = "main"
  source_ranges = var.source_ranges

  allow {
    protocol = "all"
  }
}

variable "source_ranges" {
  type = list(string)
}
