resource "google_artifact_registry_repository_iam_member" "main" {
  repository = "main"
  role       = "roles/viewer"
  member     = "group:developers@example.com"
}
