resource "random_password" "db" {
  length = 32
}

resource "tencentcloud_mysql_instance" "shop" {
  instance_name = "shop"
  mem_size      = 4000
  volume_size   = 200
  root_password = var.text
}

variable "text" {
  type = string
}
