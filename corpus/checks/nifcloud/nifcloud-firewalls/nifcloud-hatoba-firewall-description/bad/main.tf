resource "nifcloud_hatoba_firewall_group" "nodes" {
  name = "nodes"
}
