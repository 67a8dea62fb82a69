resource "tencentcloud_instance" "web" {
  instance_name           = "web"
  availability_zone       = "ap-guangzhou-3"
  image_id                = "img-9qabwvbn"
  orderly_security_groups = [tencentcloud_security_group.web.id]
}

resource "tencentcloud_security_group" "web" {
  name        = "web"
  description = "HTTPS to the web servers"
}

data "tencentcloud_security_groups" "default" {
  name = "default"
}
