resource "alicloud_cr_namespace" "acme" {
  name               = "acme"
  auto_create        = false
  default_visibility = var.text
}

variable "text" {
  type = string
}
