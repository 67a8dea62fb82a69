resource "google_storage_bucket_acl" "main" {
  bucket      = "main"
  role_entity = var.role_entity
}

variable "role_entity" {
  type = list(string)
}
