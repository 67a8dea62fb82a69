resource "openstack_compute_secgroup_v2" "web" {
  name        = "web"
  description = "SSH to the web servers"

  rule {
    from_port   = 22
    to_port     = 22
    ip_protocol = "tcp"
    cidr        = var.text
  }
}

variable "text" {
  type = string
}
