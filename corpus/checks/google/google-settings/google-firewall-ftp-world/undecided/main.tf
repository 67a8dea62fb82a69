resource "google_compute_firewall" "main" {
  name          = "main"
  network       = "main"
  source_ranges = var.ranges

  allow {
    protocol = "tcp"
    ports    = ["21"]
  }
}

variable "ranges" {
  type = list(string)
}
