provider "digitalocean" {
}
