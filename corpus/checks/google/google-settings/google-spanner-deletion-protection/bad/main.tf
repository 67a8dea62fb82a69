resource "google_spanner_database" "main" {
  name                = "main"
  instance            = "main"
  deletion_protection = false
}
