resource "kubernetes_network_policy_v1" "web" {
  metadata {
    name      = "web"
    namespace = "shop"
  }

  spec {
    policy_types = ["Ingress"]

    pod_selector {}

    ingress {
      from {
        ip_block {
          cidr = "0.0.0.0/0"
        }
      }
    }
  }
}
