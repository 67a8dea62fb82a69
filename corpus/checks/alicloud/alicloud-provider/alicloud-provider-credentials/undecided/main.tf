provider "alicloud" {
  region     = "cn-beijing"
  secret_key = var.text
}

variable "text" {
  type = string
}
