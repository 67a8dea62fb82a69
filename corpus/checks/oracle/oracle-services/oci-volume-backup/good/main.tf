resource "oci_core_volume" "data" {
  compartment_id      = "ocid1.compartment.oc1..shop"
  availability_domain = "AD-1"
}

resource "oci_core_volume_backup_policy_assignment" "data" {
  asset_id  = oci_core_volume.data.id
  policy_id = "ocid1.volumebackuppolicy.oc1..gold"
}
