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
        security_context {
          seccomp_profile {
            type = var.text
          }
        }

        container {
          name  = "web"
          image = "example/web:1.4.2"
        }
      }
    }
  }
}

variable "text" {
  type = string
}
