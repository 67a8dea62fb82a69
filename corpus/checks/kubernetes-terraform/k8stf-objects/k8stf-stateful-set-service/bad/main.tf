resource "kubernetes_stateful_set_v1" "db" {
  metadata {
    name      = "db"
    namespace = "shop"
  }

  spec {
    service_name = "db"

    template {
      metadata {
        labels = { app = "db" }
      }

      spec {
        container {
          name  = "db"
          image = "example/db:16.2"
        }
      }
    }
  }
}

resource "kubernetes_service_v1" "db" {
  metadata {
    name      = "db"
    namespace = "shop"
  }

  spec {
    selector = { app = "db" }
  }
}
