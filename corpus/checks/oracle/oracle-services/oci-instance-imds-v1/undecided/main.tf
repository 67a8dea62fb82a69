resource "oci_core_instance" "web" {
  availability_domain = "AD-1"
  compartment_id      = "ocid1.compartment.oc1..shop"
  shape               = "VM.Standard.E4.Flex"
  instance_options {
    are_legacy_imds_endpoints_disabled = var.flag
  }
}

variable "flag" {
  type = bool
}
