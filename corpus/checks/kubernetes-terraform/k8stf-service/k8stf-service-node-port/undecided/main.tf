resource "kubernetes_service_v1" "web" {
  metadata {
    name = "web"
  }

  spec {
    type = var.type

    port {
      port = 443
    }
  }
}

variable "type" {
  type = string
}
