resource "google_compute_firewall" "ssh" {
  name          = "ssh"
  network       = "main"
  source_ranges = var.source_ranges

  allow {
    protocol = "tcp"
    ports    = ["22"]
  }
}

variable "source_ranges" {
  type    = list(string)
  default = ["10.0.0.0/8"]
}
