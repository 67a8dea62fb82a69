resource "openstack_compute_keypair_v2" "admin" {
  name       = "admin"
  public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGFkbWlu admin"
}
