resource "tencentcloud_vpc" "shop" {
  name       = "shop"
  cidr_block = "10.0.0.0/16"
}

resource "tencentcloud_vpc_flow_log" "shop" {
  flow_log_name = "shop"
  resource_type = "VPC"
  resource_id   = tencentcloud_vpc.shop.id
  vpc_id        = tencentcloud_vpc.shop.id
  traffic_type  = "ALL"
  cloud_log_id  = "e7a1d5c8-0000-4d23-9b1a-52540000aaaa"
}
