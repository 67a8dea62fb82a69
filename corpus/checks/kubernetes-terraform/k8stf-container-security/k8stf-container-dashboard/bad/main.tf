resource "kubernetes_pod_v1" "web" {
  metadata {
    name = "web"
  }

  spec {
    container {
      name  = "web"
      image = "kubernetesui/dashboard:v2.7.0"
    }
  }
}
