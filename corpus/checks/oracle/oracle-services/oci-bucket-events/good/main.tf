resource "oci_objectstorage_bucket" "files" {
  compartment_id        = "ocid1.compartment.oc1..shop"
  name                  = "files"
  namespace             = "shop"
  object_events_enabled = true
}
