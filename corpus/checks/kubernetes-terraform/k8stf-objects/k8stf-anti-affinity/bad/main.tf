resource "kubernetes_deployment_v1" "web" {
  metadata {
    name      = "web"
    namespace = "shop"
  }

  spec {
    replicas = 3

    template {
      metadata {
        labels = { app = "web" }
      }

      spec {

        container {
          name  = "web"
          image = "example/web:1.4.2"
        }
      }
    }
  }
}
