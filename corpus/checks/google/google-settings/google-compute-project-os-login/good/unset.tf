resource "google_compute_project_metadata" "main" {
  metadata = {
    team           = "orders"
    enable-oslogin = "TRUE"
  }
}
