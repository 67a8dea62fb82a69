resource "openstack_fw_rule_v2" "ssh" {
  name             = "ssh"
  action           = "allow"
  protocol         = "tcp"
  destination_port = "22"
  enabled          = true
}
