resource "kubernetes_service_v1" "web" {
  metadata {
    name      = "web"
    namespace = "shop"
  }

  spec {
    type = "LoadBalancer"

    port {
      port = 443
    }
  }
}
