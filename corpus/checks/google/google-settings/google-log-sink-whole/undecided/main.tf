resource "google_logging_organization_sink" "main" {
  name             = "main"
  org_id           = "123456789012"
  destination      = "storage.googleapis.com/audit"
  include_children = var.include_children
}

variable "include_children" {
  type = bool
}
