resource "oci_objectstorage_bucket" "files" {
  compartment_id = "ocid1.compartment.oc1..shop"
  name           = "files"
  namespace      = "shop"
  access_type    = var.text
}

variable "text" {
  type = string
}
