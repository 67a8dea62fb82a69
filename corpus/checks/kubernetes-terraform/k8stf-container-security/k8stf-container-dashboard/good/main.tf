resource "kubernetes_pod_v1" "web" {
  metadata {
    name = "web"
  }

  spec {
    container {
      name  = "web"
      image = "example/web:1.4.2"
    }
  }
}
