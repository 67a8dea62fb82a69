resource "google_compute_firewall" "main" {
  name               = "main"
  network            = "main"
  direction          = "EGRESS"
  destination_ranges = var.ranges

  allow {
    protocol = "tcp"
    ports    = ["443"]
  }
}

variable "ranges" {
  type = list(string)
}
