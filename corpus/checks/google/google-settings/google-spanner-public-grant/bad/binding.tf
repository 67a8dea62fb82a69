resource "google_spanner_database_iam_binding" "main" {
  database = "orders"
  instance = "main"
  role     = "roles/viewer"
  members  = ["group:developers@example.com", "allUsers"]
}
