resource "digitalocean_droplet" "web" {
  name       = "web-1"
  image      = "ubuntu-24-04-x64"
  size       = "s-1vcpu-1gb"
  monitoring = false
}
