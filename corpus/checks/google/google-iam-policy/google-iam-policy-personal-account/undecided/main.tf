data "google_iam_policy" "main" {
  binding {
    role    = "roles/storage.objectViewer"
    members = var.members
  }
}

variable "members" {
  type = list(string)
}
