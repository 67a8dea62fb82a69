resource "kubernetes_pod_v1" "web" {
  metadata {
    name      = "web"
    namespace = "shop"
  }

  spec {
    container {
      name  = "web"
      image = "example/web:1.4.2"
      port {
        container_port = 8080
        host_port      = 8080
      }
    }
  }
}
