variable "image" {
  type    = string
  default = "europe-docker.pkg.dev/harbor-prod/shop/prices@sha256:5e0b0c1c3e6f7a8b9c0d1e2f3a4b5c6d7e8f90123456789abcdef0123456789a"
}

resource "google_service_account" "prices" {
  account_id   = "prices"
  display_name = "Prices service"
}

resource "google_cloud_run_v2_service" "prices" {
  name                = "prices"
  location            = "europe-west1"
  ingress             = "INGRESS_TRAFFIC_INTERNAL_ONLY"
  deletion_protection = true

  template {
    service_account = google_service_account.prices.email

    scaling {
      max_instance_count = 10
    }

    containers {
      image = var.image

      resources {
        limits = {
          cpu    = "1"
          memory = "512Mi"
        }
      }
    }
  }

  labels = {
    owner       = "prices-team"
    environment = "production"
  }
}

resource "google_cloud_run_v2_service_iam_member" "caller" {
  name     = google_cloud_run_v2_service.prices.name
  location = google_cloud_run_v2_service.prices.location
  role     = "roles/run.invoker"
  member   = "serviceAccount:shop@harbor-prod.iam.gserviceaccount.com"
}
