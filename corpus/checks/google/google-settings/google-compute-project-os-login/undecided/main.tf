resource "google_compute_project_metadata" "main" {
  metadata = {
    enable-oslogin = var.enable_oslogin
  }
}

variable "enable_oslogin" {
  type = string
}
