resource "openstack_networking_secgroup_v2" "web" {
  name        = "web"
  description = var.description
}

variable "description" {
  type = string
}
