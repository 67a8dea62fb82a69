resource "kubernetes_pod_v1" "web" {
  metadata {
    name      = "web"
    namespace = "shop"
  }

  spec {
    container {
      name              = "web"
      image             = "example/web:1.4.2"
      image_pull_policy = "Always"
    }
  }
}
