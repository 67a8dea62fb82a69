resource "kubernetes_persistent_volume_v1" "data" {
  metadata {
    name = "data"
  }

  spec {
    access_modes = ["ReadWriteOnce"]
    capacity     = { storage = "10Gi" }

    persistent_volume_source {
      host_path {
        path = "/etc"
      }
    }
  }
}
