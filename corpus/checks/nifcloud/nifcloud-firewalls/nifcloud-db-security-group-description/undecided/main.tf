resource "nifcloud_db_security_group" "db" {
  group_name        = "db"
  availability_zone = "east-11"
  description       = var.description
}

variable "description" {
  type = string
}
