resource "openstack_networking_secgroup_rule_v2" "out" {
  direction         = "egress"
  ethertype         = "IPv4"
  protocol          = "tcp"
  port_range_min    = 1
  port_range_max    = 65535
  security_group_id = "2f1a7b8c"
  remote_ip_prefix  = var.text
}

variable "text" {
  type = string
}
