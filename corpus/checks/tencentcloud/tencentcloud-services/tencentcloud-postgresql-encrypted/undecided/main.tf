resource "tencentcloud_postgresql_instance" "shop" {
  name             = "shop"
  memory           = 2
  storage          = 10
  need_support_tde = var.number
}

variable "number" {
  type = number
}
