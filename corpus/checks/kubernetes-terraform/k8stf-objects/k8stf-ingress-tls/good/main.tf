resource "kubernetes_ingress_v1" "web" {
  metadata {
    name      = "web"
    namespace = "shop"
  }

  spec {
    tls {
      hosts       = ["shop.example.com"]
      secret_name = "web-tls"
    }

    rule {
      host = "shop.example.com"
    }
  }
}
