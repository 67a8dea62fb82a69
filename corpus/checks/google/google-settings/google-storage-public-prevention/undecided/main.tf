resource "google_storage_bucket" "main" {
  name                     = "main"
  location                 = "europe-west1"
  public_access_prevention = var.public_access_prevention
}

variable "public_access_prevention" {
  type = string
}
