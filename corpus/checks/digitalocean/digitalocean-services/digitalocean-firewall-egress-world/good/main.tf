resource "digitalocean_firewall" "web" {
  name = "web"

  outbound_rule {
    protocol              = "tcp"
    port_range            = "1-65535"
    destination_addresses = ["10.0.0.0/16"]
  }
}
