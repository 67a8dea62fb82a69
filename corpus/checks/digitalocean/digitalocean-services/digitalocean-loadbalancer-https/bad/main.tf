resource "digitalocean_loadbalancer" "web" {
  name   = "web"
  region = "fra1"

  forwarding_rule {
    entry_port      = 80
    entry_protocol  = "http"
    target_port     = 8080
    target_protocol = "http"
  }
}
