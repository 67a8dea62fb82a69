variable "key_id" {
  type = string
}

resource "google_pubsub_topic" "orders" {
  name         = "orders"
  kms_key_name = var.key_id

  message_storage_policy {
    allowed_persistence_regions = ["europe-west1"]
  }

  labels = {
    owner       = "orders-team"
    environment = "production"
  }
}

resource "google_pubsub_topic" "dead" {
  name         = "orders-dead"
  kms_key_name = var.key_id

  labels = {
    owner       = "orders-team"
    environment = "production"
  }
}

resource "google_pubsub_subscription" "orders" {
  name                 = "orders"
  topic                = google_pubsub_topic.orders.id
  ack_deadline_seconds = 30

  dead_letter_policy {
    dead_letter_topic     = google_pubsub_topic.dead.id
    max_delivery_attempts = 5
  }

  labels = {
    owner       = "orders-team"
    environment = "production"
  }
}

resource "google_pubsub_subscription_iam_member" "worker" {
  subscription = google_pubsub_subscription.orders.name
  role         = "roles/pubsub.subscriber"
  member       = "serviceAccount:orders@harbor-prod.iam.gserviceaccount.com"
}
