resource "kubernetes_pod_v1" "web" {
  metadata {
    name = "web"
  }

  spec {
    container {
      name  = "web"
      image = var.text
    }
  }
}

variable "text" {
  type = string
}
