resource "oci_core_security_list" "web" {
  compartment_id = "ocid1.compartment.oc1..shop"
  vcn_id         = "ocid1.vcn.oc1..shop"

  ingress_security_rules {
    protocol = "6"
    source   = "0.0.0.0/0"

    tcp_options {
      min = 22
      max = 22
    }
  }
}
