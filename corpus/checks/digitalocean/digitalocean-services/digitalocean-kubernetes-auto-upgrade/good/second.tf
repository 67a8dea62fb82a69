resource "digitalocean_kubernetes_cluster" "shop" {
  name         = "shop"
  region       = "fra1"
  version      = "1.33.1-do.3"
  auto_upgrade = true

  node_pool {
    name       = "default"
    size       = "s-2vcpu-2gb"
    node_count = 3
  }
}
