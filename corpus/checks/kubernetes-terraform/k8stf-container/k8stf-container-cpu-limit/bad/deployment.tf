resource "kubernetes_deployment_v1" "web" {
  metadata {
    name = "web"
  }

  spec {
    template {
      spec {
        container {
          name  = "web"
          image = "example/web:1.4.2"
        }
      }
    }
  }
}
