resource "google_compute_firewall" "rdp" {
  name          = "rdp"
  network       = "main"
  source_ranges = var.source_ranges

  allow {
    protocol = "tcp"
    ports    = ["3380-3390"]
  }
}

variable "source_ranges" {
  type = list(string)
}
