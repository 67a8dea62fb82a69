resource "google_compute_subnetwork" "main" {
  name                     = "main"
  network                  = "main"
  private_ip_google_access = true
}
