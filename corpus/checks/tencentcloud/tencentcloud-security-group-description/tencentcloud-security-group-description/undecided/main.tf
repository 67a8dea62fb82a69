resource "tencentcloud_security_group" "web" {
  name        = "web"
  description = var.description
}

variable "description" {
  type = string
}
