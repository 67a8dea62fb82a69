resource "kubernetes_stateful_set_v1" "queue" {
  metadata {
    name = "queue"
  }

  spec {
    service_name = "queue"

    template {
      spec {
        container {
          name  = "queue"
          image = "example/queue:2.0.1"

          resources {
            limits = var.limits
          }
        }
      }
    }
  }
}

variable "limits" {
  type = map(string)
}
