resource "google_pubsub_topic" "main" {
  name = "main"
}
