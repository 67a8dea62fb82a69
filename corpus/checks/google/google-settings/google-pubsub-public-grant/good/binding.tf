resource "google_pubsub_topic_iam_binding" "main" {
  role    = "roles/viewer"
  topic   = "orders"
  members = ["group:developers@example.com"]
}
