provider "kubernetes" {
  host  = "https://10.0.0.1"
  token = var.text
}

variable "text" {
  type = string
}
