resource "digitalocean_firewall" "web" {
  name = "web"

  inbound_rule {
    protocol         = "tcp"
    port_range       = "22"
    source_addresses = var.list
  }
}

variable "list" {
  type = list(string)
}
