resource "kubernetes_deployment_v1" "web" {
  metadata {
    name      = "web"
    namespace = "shop"
  }

  spec {
    selector {
      match_labels = { app = "web" }
    }

    template {
      metadata {
        labels = { app = "web" }
      }

      spec {
        automount_service_account_token = false

        container {
          name  = "web"
          image = "example/web:1.4.2"
        }
      }
    }
  }
}
