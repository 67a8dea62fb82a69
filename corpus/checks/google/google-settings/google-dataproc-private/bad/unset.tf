resource "google_dataproc_cluster" "main" {
  name = "main"

  cluster_config {
    gce_cluster_config {
      subnetwork = "main"
    }
  }
}
