resource "alicloud_fc_trigger" "orders" {
  service  = "shop"
  function = "orders"
  type     = "http"
  config = jsonencode({
    methods  = ["GET"]
    authType = var.text
  })
}

variable "text" {
  type = string
}
