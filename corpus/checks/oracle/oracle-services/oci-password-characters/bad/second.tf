resource "oci_identity_authentication_policy" "tenancy" {
  compartment_id = "ocid1.tenancy.oc1..shop"

  password_policy {
    is_lowercase_characters_required = true
    is_uppercase_characters_required = true
    is_numeric_characters_required   = true
    is_special_characters_required   = false
  }
}
