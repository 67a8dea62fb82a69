resource "alicloud_fc_service" "shop" {
  name = "shop"
}
