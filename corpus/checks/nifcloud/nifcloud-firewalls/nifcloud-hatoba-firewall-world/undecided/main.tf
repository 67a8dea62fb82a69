resource "nifcloud_hatoba_firewall_group" "nodes" {
  name = "nodes"

  rule {
    protocol  = "TCP"
    direction = "IN"
    from_port = 10250
    to_port   = 10250
    cidr_ip   = var.text
  }
}

variable "text" {
  type = string
}
