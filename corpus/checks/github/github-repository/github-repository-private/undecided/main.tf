resource "github_repository" "shop" {
  name       = "shop"
  visibility = var.text
}

variable "text" {
  type = string
}
