resource "google_compute_subnetwork" "app" {
  name          = "app"
  network       = "main"
  ip_cidr_range = "10.1.0.0/16"

  log_config {
    aggregation_interval = "INTERVAL_5_SEC"
    flow_sampling        = 0.5
    metadata             = "INCLUDE_ALL_METADATA"
  }
}
