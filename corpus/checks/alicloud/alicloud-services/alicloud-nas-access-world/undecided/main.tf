resource "alicloud_nas_access_rule" "app" {
  access_group_name = "app"
  rw_access_type    = "RDWR"
  user_access_type  = "root_squash"
  source_cidr_ip    = var.text
}

variable "text" {
  type = string
}
