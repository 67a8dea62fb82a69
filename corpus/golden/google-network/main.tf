resource "google_compute_network" "main" {
  name                    = "main"
  auto_create_subnetworks = false
}

resource "google_compute_subnetwork" "application" {
  name                     = "application"
  region                   = "europe-west1"
  network                  = google_compute_network.main.id
  ip_cidr_range            = "10.80.0.0/20"
  private_ip_google_access = true

  log_config {
    aggregation_interval = "INTERVAL_5_MIN"
    flow_sampling        = 1
    metadata             = "INCLUDE_ALL_METADATA"
  }
}

resource "google_compute_firewall" "from_load_balancer" {
  name        = "from-load-balancer"
  network     = google_compute_network.main.name
  description = "The load balancer's own ranges"
  direction   = "INGRESS"

  source_ranges = ["130.211.0.0/22", "35.191.0.0/16"]
  target_tags   = ["shop"]

  allow {
    protocol = "tcp"
    ports    = ["8443"]
  }

  log_config {
    metadata = "INCLUDE_ALL_METADATA"
  }
}
