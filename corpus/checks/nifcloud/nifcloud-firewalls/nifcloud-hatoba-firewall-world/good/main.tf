resource "nifcloud_hatoba_firewall_group" "nodes" {
  name = "nodes"

  rule {
    protocol  = "TCP"
    direction = "IN"
    from_port = 10250
    to_port   = 10250
    cidr_ip   = "10.0.0.0/16"
  }
}
