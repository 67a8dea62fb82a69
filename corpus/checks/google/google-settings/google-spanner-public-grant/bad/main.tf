resource "google_spanner_database_iam_member" "main" {
  database = "orders"
  instance = "main"
  role     = "roles/viewer"
  member   = "allUsers"
}
