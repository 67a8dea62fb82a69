resource "openstack_networking_secgroup_rule_v2" "db" {
  direction         = "ingress"
  ethertype         = "IPv4"
  protocol          = "tcp"
  port_range_min    = 5432
  port_range_max    = 5432
  security_group_id = "2f1a7b8c"
  remote_ip_prefix  = "10.0.0.0/16"
}
