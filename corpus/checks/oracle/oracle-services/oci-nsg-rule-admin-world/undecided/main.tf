resource "oci_core_network_security_group_security_rule" "ssh" {
  network_security_group_id = "ocid1.networksecuritygroup.oc1..web"
  direction                 = "INGRESS"
  protocol                  = "6"
  source                    = var.text

  tcp_options {
    destination_port_range {
      min = 22
      max = 22
    }
  }
}

variable "text" {
  type = string
}
