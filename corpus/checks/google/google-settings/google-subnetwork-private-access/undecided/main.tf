resource "google_compute_subnetwork" "main" {
  name                     = "main"
  network                  = "main"
  private_ip_google_access = var.private_ip_google_access
}

variable "private_ip_google_access" {
  type = bool
}
