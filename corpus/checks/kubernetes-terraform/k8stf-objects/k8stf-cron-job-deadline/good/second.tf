resource "kubernetes_cron_job_v1" "load" {
  metadata {
    name      = "load"
    namespace = "shop"
  }

  spec {
    schedule                  = "0 3 * * *"
    starting_deadline_seconds = 200

    job_template {
      metadata {}

      spec {
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
  }
}
