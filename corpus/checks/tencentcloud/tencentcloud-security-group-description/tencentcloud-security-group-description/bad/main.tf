resource "tencentcloud_security_group" "web" {
  name = "web"
}
