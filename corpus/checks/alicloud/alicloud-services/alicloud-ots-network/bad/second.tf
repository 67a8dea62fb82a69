resource "alicloud_ots_instance" "shop" {
  name        = "shop"
  accessed_by = "Any"
}
