resource "google_compute_firewall" "main" {
  name          = "main"
  network       = "main"
  source_ranges = var.ranges

  allow {
    protocol = "tcp"
    ports    = ["8080"]
  }
}

variable "ranges" {
  type = list(string)
}
