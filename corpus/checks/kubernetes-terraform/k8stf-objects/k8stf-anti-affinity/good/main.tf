resource "kubernetes_deployment_v1" "web" {
  metadata {
    name      = "web"
    namespace = "shop"
  }

  spec {
    replicas = 3

    template {
      metadata {
        labels = { app = "web" }
      }

      spec {
        affinity {
          pod_anti_affinity {
            preferred_during_scheduling_ignored_during_execution {
              weight = 100

              pod_affinity_term {
                topology_key = "kubernetes.io/hostname"

                label_selector {
                  match_labels = { app = "web" }
                }
              }
            }
          }
        }

        container {
          name  = "web"
          image = "example/web:1.4.2"
        }
      }
    }
  }
}
