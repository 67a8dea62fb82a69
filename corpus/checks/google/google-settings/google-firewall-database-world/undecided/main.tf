resource "google_compute_firewall" "main" {
  name          = "main"
  network       = "main"
  source_ranges = var.ranges

  allow {
    protocol = "tcp"
    ports    = ["3306"]
  }
}

variable "ranges" {
  type = list(string)
}
