locals {
  type = "NodePort"
}

resource "kubernetes_service_v1" "web" {
  metadata {
    name = "web"
  }

  spec {
    type = local.type

    port {
      port = 443
    }
  }
}
