resource "google_artifact_registry_repository" "main" {
  format        = "DOCKER"
  repository_id = "main"
  kms_key_name  = "projects/orders-prod/locations/europe-west1/keyRings/main/cryptoKeys/main"
}
