resource "google_compute_firewall" "main" {
  name          = "main"
  network       = "main"
  source_ranges = ["10.0.0.0/16"]

  allow {
    protocol = "tcp"
    ports    = var.ports
  }
}

variable "ports" {
  type = list(string)
}
