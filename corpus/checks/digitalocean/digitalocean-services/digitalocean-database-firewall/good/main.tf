resource "digitalocean_database_cluster" "shop" {
  name       = "shop"
  engine     = "pg"
  version    = "16"
  size       = "db-s-1vcpu-1gb"
  region     = "fra1"
  node_count = 2
}

resource "digitalocean_database_firewall" "shop" {
  cluster_id = digitalocean_database_cluster.shop.id

  rule {
    type  = "tag"
    value = "shop"
  }
}
