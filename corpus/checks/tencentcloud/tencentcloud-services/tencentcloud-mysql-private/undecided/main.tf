resource "tencentcloud_mysql_instance" "shop" {
  instance_name    = "shop"
  mem_size         = 4000
  volume_size      = 200
  internet_service = var.number
}

variable "number" {
  type = number
}
