resource "kubernetes_service_v1" "web" {
  metadata {
    name      = "web"
    namespace = "shop"
  }

  spec {
    external_ips = ["198.51.100.7"]

    port {
      port = 443
    }
  }
}
