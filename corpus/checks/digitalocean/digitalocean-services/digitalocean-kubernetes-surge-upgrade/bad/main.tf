resource "digitalocean_kubernetes_cluster" "shop" {
  name          = "shop"
  region        = "fra1"
  version       = "1.33.1-do.3"
  surge_upgrade = false

  node_pool {
    name       = "default"
    size       = "s-2vcpu-2gb"
    node_count = 3
  }
}
