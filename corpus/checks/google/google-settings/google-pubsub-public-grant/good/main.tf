resource "google_pubsub_topic_iam_member" "main" {
  role   = "roles/viewer"
  topic  = "orders"
  member = "group:developers@example.com"
}
