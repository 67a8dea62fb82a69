resource "nifcloud_nas_security_group" "files" {
  group_name        = "files"
  availability_zone = "east-11"
  description       = var.description
}

variable "description" {
  type = string
}
