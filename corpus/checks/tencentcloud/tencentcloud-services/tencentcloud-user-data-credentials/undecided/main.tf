resource "tencentcloud_instance" "web" {
  instance_name     = "web"
  availability_zone = "ap-guangzhou-3"
  image_id          = "img-9qabwvbn"
  user_data_raw     = var.text
}

variable "text" {
  type = string
}
