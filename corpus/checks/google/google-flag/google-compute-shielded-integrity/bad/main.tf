resource "google_compute_instance" "app" {
  name         = "app"
  machine_type = "e2-medium"
  zone         = "europe-west1-b"

  shielded_instance_config {
    enable_integrity_monitoring = false
  }
}
