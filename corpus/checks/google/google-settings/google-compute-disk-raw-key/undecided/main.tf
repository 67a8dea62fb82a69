resource "google_compute_disk" "main" {
  name = "main"

  disk_encryption_key {
    raw_key = var.raw_key
  }
}

variable "raw_key" {
  type = string
}
