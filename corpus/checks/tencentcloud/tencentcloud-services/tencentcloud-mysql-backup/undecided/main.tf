resource "tencentcloud_mysql_instance" "shop" {
  instance_name    = "shop"
  mem_size         = 4000
  volume_size      = 200
  internet_service = 0
}

resource "tencentcloud_mysql_backup_policy" "shop" {
  mysql_id         = tencentcloud_mysql_instance.shop.id
  retention_period = var.number
}

variable "number" {
  type = number
}
