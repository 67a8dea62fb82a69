resource "openstack_fw_rule_v2" "ssh" {
  name                   = "ssh"
  action                 = "allow"
  protocol               = "tcp"
  destination_port       = "22"
  enabled                = true
  source_ip_address      = "0.0.0.0/0"
  destination_ip_address = "10.0.0.5"
}
