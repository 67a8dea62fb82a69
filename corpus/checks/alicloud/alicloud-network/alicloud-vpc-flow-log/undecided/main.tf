resource "alicloud_vpc" "shop" {
  vpc_name   = "shop"
  cidr_block = "10.0.0.0/16"
}

resource "alicloud_vpc_flow_log" "shop" {
  resource_id    = alicloud_vpc.shop.id
  resource_type  = "VPC"
  traffic_type   = "All"
  log_store_name = "flow"
  project_name   = "acme"
  status         = var.text
}

variable "text" {
  type = string
}
