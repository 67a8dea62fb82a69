resource "google_pubsub_topic_iam_member" "main" {
  role   = "roles/viewer"
  topic  = "orders"
  member = var.member
}

variable "member" {
  type = string
}
