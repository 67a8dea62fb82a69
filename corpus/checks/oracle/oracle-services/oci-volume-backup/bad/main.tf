resource "oci_core_volume" "data" {
  compartment_id      = "ocid1.compartment.oc1..shop"
  availability_domain = "AD-1"
}
