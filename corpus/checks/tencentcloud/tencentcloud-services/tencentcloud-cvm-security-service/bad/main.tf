resource "tencentcloud_instance" "web" {
  instance_name            = "web"
  availability_zone        = "ap-guangzhou-3"
  image_id                 = "img-9qabwvbn"
  disable_security_service = true
}
