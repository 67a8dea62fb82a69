data "tencentcloud_vpc_subnets" "net" {
  availability_zone = "ap-guangzhou-3"
  is_default        = true
}

resource "tencentcloud_instance" "web" {
  instance_name     = "web"
  availability_zone = "ap-guangzhou-3"
  image_id          = "img-9qabwvbn"
  vpc_id            = data.tencentcloud_vpc_subnets.net.instance_list[0].vpc_id
  subnet_id         = data.tencentcloud_vpc_subnets.net.instance_list[0].subnet_id
}
