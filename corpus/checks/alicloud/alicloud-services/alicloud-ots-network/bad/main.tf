resource "alicloud_ots_instance" "shop" {
  name = "shop"
}
