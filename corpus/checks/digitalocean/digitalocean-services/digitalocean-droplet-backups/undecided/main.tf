resource "digitalocean_droplet" "db" {
  name    = "db-1"
  image   = "ubuntu-24-04-x64"
  size    = "s-1vcpu-1gb"
  backups = var.flag
}

variable "flag" {
  type = bool
}
