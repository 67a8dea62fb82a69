resource "kubernetes_pod_v1" "web" {
  metadata {
    name = "web"
  }

  spec {
    container {
      name  = "web"
      image = "ghcr.io/helm/tiller:v2.17.0"
    }
  }
}
