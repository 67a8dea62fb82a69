resource "kubernetes_service_v1" "web" {
  metadata {
    name      = "web"
    namespace = "shop"
    annotations = {
      "networking.gke.io/load-balancer-type" = var.text
    }
  }

  spec {
    type = "LoadBalancer"

    port {
      port = 443
    }
  }
}

variable "text" {
  type = string
}
