resource "digitalocean_spaces_bucket" "files" {
  name   = "files"
  region = "fra1"

  versioning {
    enabled = var.flag
  }
}

variable "flag" {
  type = bool
}
