resource "digitalocean_firewall" "db" {
  name = "db"

  inbound_rule {
    protocol         = "tcp"
    port_range       = "5432"
    source_addresses = var.list
  }
}

variable "list" {
  type = list(string)
}
