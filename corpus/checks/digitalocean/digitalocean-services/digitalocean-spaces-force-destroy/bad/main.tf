resource "digitalocean_spaces_bucket" "files" {
  name          = "files"
  region        = "fra1"
  force_destroy = true
}
