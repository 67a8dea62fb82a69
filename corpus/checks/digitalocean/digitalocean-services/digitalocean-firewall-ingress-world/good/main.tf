resource "digitalocean_firewall" "db" {
  name = "db"

  inbound_rule {
    protocol         = "tcp"
    port_range       = "5432"
    source_addresses = ["10.0.0.0/16"]
  }
}
