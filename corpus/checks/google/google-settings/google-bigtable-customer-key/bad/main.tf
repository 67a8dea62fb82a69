resource "google_bigtable_instance" "main" {
  name = "main"

  cluster {
    cluster_id = "main"
  }
}
