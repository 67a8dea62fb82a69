resource "google_bigquery_dataset_iam_member" "main" {
  dataset_id = "orders"
  role       = "roles/viewer"
  member     = "group:developers@example.com"
}
