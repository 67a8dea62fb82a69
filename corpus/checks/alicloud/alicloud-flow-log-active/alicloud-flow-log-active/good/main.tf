resource "alicloud_vpc_flow_log" "shop" {
  resource_id   = "vpc-bp1a2b3c"
  resource_type = "VPC"
  traffic_type  = "All"
  status        = "Active"
}
