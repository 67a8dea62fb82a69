resource "digitalocean_firewall" "web" {
  name = "web"

  outbound_rule {
    protocol              = "tcp"
    port_range            = "1-65535"
    destination_addresses = var.list
  }
}

variable "list" {
  type = list(string)
}
