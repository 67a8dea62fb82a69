resource "digitalocean_database_cluster" "shop" {
  name       = "shop"
  engine     = "pg"
  size       = "db-s-1vcpu-1gb"
  region     = "fra1"
  node_count = 2
}

resource "digitalocean_vpc" "shop" {
  name   = "shop"
  region = "fra1"
}
