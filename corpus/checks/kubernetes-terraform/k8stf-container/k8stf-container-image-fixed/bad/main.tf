locals {
  image = "example/web:latest"
}

resource "kubernetes_pod_v1" "web" {
  metadata {
    name = "web"
  }

  spec {
    container {
      name  = "web"
      image = local.image
    }
  }
}
