resource "google_artifact_registry_repository_iam_binding" "main" {
  repository = "main"
  role       = "roles/viewer"
  members    = ["group:developers@example.com"]
}
