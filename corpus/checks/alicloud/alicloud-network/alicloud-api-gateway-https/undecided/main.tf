resource "alicloud_api_gateway_api" "orders" {
  name      = "orders"
  group_id  = "g1"
  auth_type = "APP"

  request_config {
    method   = "GET"
    path     = "/orders"
    mode     = "MAPPING"
    protocol = var.text
  }
}

variable "text" {
  type = string
}
