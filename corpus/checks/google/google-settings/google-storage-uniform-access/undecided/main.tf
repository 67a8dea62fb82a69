resource "google_storage_bucket" "main" {
  name                        = "main"
  location                    = "europe-west1"
  uniform_bucket_level_access = var.uniform_bucket_level_access
}

variable "uniform_bucket_level_access" {
  type = bool
}
