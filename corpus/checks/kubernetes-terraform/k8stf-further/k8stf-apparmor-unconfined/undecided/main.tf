resource "kubernetes_pod_v1" "web" {
  metadata {
    name      = "web"
    namespace = "shop"
    annotations = {
      "container.apparmor.security.beta.kubernetes.io/web" = var.text
    }
  }

  spec {
    container {
      name  = "web"
      image = "example/web:1.4.2"
    }
  }
}

variable "text" {
  type = string
}
