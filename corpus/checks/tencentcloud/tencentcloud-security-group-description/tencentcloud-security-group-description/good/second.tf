resource "tencentcloud_security_group" "web" {
  name        = "web"
  description = "HTTPS to the web servers"
}
