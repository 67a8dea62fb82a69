resource "google_spanner_database" "main" {
  name                = "main"
  instance            = "main"
  deletion_protection = var.deletion_protection
}

variable "deletion_protection" {
  type = bool
}
