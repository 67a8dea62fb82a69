resource "alicloud_api_gateway_api" "orders" {
  name      = "orders"
  group_id  = "g1"
  auth_type = var.text

  request_config {
    protocol = "HTTPS"
    method   = "GET"
    path     = "/orders"
    mode     = "MAPPING"
  }
}

variable "text" {
  type = string
}
