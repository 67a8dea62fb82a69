resource "openstack_networking_secgroup_v2" "web" {
  name        = "web"
  description = "HTTPS to the web servers"
}
