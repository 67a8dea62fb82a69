resource "kubernetes_job_v1" "load" {
  metadata {
    name      = "load"
    namespace = "shop"
  }

  spec {
    ttl_seconds_after_finished = "3600"

    template {
      metadata {}

      spec {
        container {
          name  = "load"
          image = "example/load:2.0.1"
        }
      }
    }
  }
}
