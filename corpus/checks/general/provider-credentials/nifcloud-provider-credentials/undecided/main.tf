provider "nifcloud" {
  region     = "jp-east-1"
  secret_key = var.text
}

variable "text" {
  type = string
}
