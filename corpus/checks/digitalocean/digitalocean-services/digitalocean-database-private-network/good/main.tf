resource "digitalocean_database_cluster" "shop" {
  name                 = "shop"
  engine               = "pg"
  size                 = "db-s-1vcpu-1gb"
  region               = "fra1"
  node_count           = 2
  private_network_uuid = digitalocean_vpc.shop.id
}

resource "digitalocean_vpc" "shop" {
  name   = "shop"
  region = "fra1"
}
