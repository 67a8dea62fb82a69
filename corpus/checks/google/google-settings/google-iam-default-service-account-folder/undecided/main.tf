resource "google_folder_iam_member" "main" {
  folder = "folders/123456789012"
  role   = "roles/viewer"
  member = var.member
}

variable "member" {
  type = string
}
