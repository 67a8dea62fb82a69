provider "github" {
  owner = "acme"
  token = var.text
}

variable "text" {
  type = string
}
