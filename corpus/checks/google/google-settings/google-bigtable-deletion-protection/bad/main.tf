resource "google_bigtable_table" "main" {
  name                = "main"
  instance_name       = "main"
  deletion_protection = "UNPROTECTED"
}
