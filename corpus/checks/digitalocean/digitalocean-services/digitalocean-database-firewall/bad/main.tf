resource "digitalocean_database_cluster" "shop" {
  name       = "shop"
  engine     = "pg"
  version    = "16"
  size       = "db-s-1vcpu-1gb"
  region     = "fra1"
  node_count = 2
}
