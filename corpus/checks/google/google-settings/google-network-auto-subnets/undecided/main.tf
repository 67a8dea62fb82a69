resource "google_compute_network" "main" {
  name                    = "main"
  auto_create_subnetworks = var.auto_create_subnetworks
}

variable "auto_create_subnetworks" {
  type = bool
}
