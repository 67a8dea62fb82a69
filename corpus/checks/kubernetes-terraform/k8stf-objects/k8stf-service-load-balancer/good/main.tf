resource "kubernetes_service_v1" "web" {
  metadata {
    name      = "web"
    namespace = "shop"
    annotations = {
      "networking.gke.io/load-balancer-type" = "Internal"
    }
  }

  spec {
    type = "LoadBalancer"

    port {
      port = 443
    }
  }
}
