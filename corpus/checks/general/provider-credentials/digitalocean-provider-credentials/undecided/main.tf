provider "digitalocean" {
  token = var.text
}

variable "text" {
  type = string
}
