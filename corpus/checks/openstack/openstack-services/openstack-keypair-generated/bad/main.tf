resource "openstack_compute_keypair_v2" "admin" {
  name = "admin"
}
