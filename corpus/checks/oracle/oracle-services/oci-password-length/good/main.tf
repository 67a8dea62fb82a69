resource "oci_identity_authentication_policy" "tenancy" {
  compartment_id = "ocid1.tenancy.oc1..shop"

  password_policy {
    minimum_password_length = 14
  }
}
