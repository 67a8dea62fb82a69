resource "oci_objectstorage_bucket" "files" {
  compartment_id = "ocid1.compartment.oc1..shop"
  name           = "files"
  namespace      = "shop"
  kms_key_id     = "ocid1.key.oc1..files"
}
