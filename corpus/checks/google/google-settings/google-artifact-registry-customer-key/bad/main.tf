resource "google_artifact_registry_repository" "main" {
  format        = "DOCKER"
  repository_id = "main"
}
