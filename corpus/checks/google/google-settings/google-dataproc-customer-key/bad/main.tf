resource "google_dataproc_cluster" "main" {
  name = "main"
}
