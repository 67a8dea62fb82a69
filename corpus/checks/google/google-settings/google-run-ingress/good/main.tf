resource "google_cloud_run_v2_service" "main" {
  name     = "main"
  location = "europe-west1"
  ingress  = "INGRESS_TRAFFIC_INTERNAL_ONLY"

  template {
    containers {
      image = "europe-docker.pkg.dev/orders-prod/main/web@sha256:4c2d7fcf0a1d6b2f0c1f7a44f8a6f5c3f1e59e57e6c7a5c2a8a9ac3bd5c4a511"
    }
  }
}
