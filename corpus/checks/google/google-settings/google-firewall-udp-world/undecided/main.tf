resource "google_compute_firewall" "main" {
  name          = "main"
  network       = "main"
  source_ranges = var.ranges

  allow {
    protocol = "udp"
    ports    = ["123"]
  }
}

variable "ranges" {
  type = list(string)
}
