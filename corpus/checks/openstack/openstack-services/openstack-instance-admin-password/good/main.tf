resource "openstack_compute_instance_v2" "web" {
  name      = "web"
  image_id  = "ad091b52"
  flavor_id = "3"
  key_pair  = "admin"
}
