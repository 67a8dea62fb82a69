resource "kubernetes_pod_v1" "agent" {
  metadata {
    name = "agent"
  }

  spec {
    container {
      name  = "agent"
      image = "example/agent:2.3.0"
    }

    volume {
      name = "data"

      host_path {
        path = "/mnt/data"
      }
    }
  }
}
