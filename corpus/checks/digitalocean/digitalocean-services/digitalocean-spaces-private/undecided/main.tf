resource "digitalocean_spaces_bucket" "files" {
  name   = "files"
  region = "fra1"
  acl    = var.text
}

variable "text" {
  type = string
}
