resource "kubernetes_network_policy_v1" "web" {
  metadata {
    name      = "web"
    namespace = "shop"
  }

  spec {
    policy_types = ["Egress"]

    pod_selector {}

    egress {
      to {
        ip_block {
          cidr = var.text
        }
      }
    }
  }
}

variable "text" {
  type = string
}
