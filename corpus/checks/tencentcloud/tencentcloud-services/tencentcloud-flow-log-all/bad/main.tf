resource "tencentcloud_vpc_flow_log" "shop" {
  flow_log_name = "shop"
  resource_type = "VPC"
  resource_id   = "vpc-h70b6b49"
  traffic_type  = "ACCEPT"
}
