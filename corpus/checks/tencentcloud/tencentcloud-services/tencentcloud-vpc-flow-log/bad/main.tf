resource "tencentcloud_vpc" "shop" {
  name       = "shop"
  cidr_block = "10.0.0.0/16"
}
