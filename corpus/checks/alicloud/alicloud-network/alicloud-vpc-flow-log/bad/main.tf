resource "alicloud_vpc" "shop" {
  vpc_name   = "shop"
  cidr_block = "10.0.0.0/16"
}
