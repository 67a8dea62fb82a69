resource "google_compute_instance_iam_member" "main" {
  instance_name = "main"
  role          = "roles/viewer"
  member        = var.member
}

variable "member" {
  type = string
}
