resource "digitalocean_loadbalancer" "web" {
  name   = "web"
  region = "fra1"

  forwarding_rule {
    entry_port      = 443
    entry_protocol  = var.text
    target_port     = 8080
    target_protocol = "http"
  }
}

variable "text" {
  type = string
}
