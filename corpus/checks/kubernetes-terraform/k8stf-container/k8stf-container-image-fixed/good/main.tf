locals {
  image = "registry.example.com:5000/example/web:1.4.2"
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
