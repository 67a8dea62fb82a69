resource "nifcloud_security_group" "web" {
  group_name        = "web"
  availability_zone = "east-11"
  description       = var.description
}

variable "description" {
  type = string
}
