resource "tencentcloud_security_group_lite_rule" "web" {
  security_group_id = "sg-0ag9mj6b"
  ingress           = ["ACCEPT#0.0.0.0/0#22#TCP"]
}
