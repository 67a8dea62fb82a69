resource "google_bigquery_dataset_iam_binding" "main" {
  dataset_id = "orders"
  role       = "roles/viewer"
  members    = ["group:developers@example.com"]
}
