resource "tencentcloud_security_group_lite_rule" "web" {
  security_group_id = "sg-0ag9mj6b"
  ingress           = ["ACCEPT#10.0.0.0/16#22#TCP", "ACCEPT#0.0.0.0/0#443#TCP"]
}
