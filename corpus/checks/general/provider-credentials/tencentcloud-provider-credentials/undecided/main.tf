provider "tencentcloud" {
  region     = "ap-guangzhou"
  secret_key = var.text
}

variable "text" {
  type = string
}
